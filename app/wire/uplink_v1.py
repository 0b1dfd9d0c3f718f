"""The uplink's format 1, before tickets: lists of sessions without a player. Only its shapes; app.wire.uplink converts.

Structs grow at their end: who reads ignores what follows the fields that it knows.
"""

from typing import Final

import msgspec

from app.wire.formats import U32, Channel, Version

FORMAT: Final = 1


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One session of a gateway, and the ship that it believes to fly (0 while it waits)."""

    session: int
    ship: int
    arena: int


class Batch(msgspec.Struct, array_like=True, frozen=True):
    """What a gateway says."""

    format: int
    gateway: str
    reply: Channel
    epoch: U32
    roster_version: int
    roster: list[Entry] | None
    steers: bytes
    reads: Version = FORMAT


class Berth(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The ship given to a session; 0 when the world is full."""

    session: int
    ship: int
    arena: int


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """What the tick says to one gateway."""

    format: int
    epoch: U32
    tick: U32
    berths: list[Berth]
    roster_wanted: bool
    reads: Version = FORMAT
