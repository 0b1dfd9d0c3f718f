"""Gateway to tick and back: a state that is said again until it is heard, since messages travel at most once.

A batch carries who is here (the roster, whole, when it changed, when asked and at least once a second) and the newest
input of each ship. An answer tells a gateway which ship each of its sessions flies; it is repeated until the roster
shows it. Both formats have the same layout, which grows at the end of its structs: who reads ignores what follows.
"""

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.wire.formats import FORMAT, PREVIOUS, U32, Channel, Version, readable
from app.wire.refusal import Refused

NO_SHIP: Final = 0
NO_PLAYER: Final = 0  # a session without a ticket: its ship leaves with its socket

BERTHED: Final = 0  # verdicts: the session flies this ship
WORLD_FULL: Final = 1  # there is none for it
SUPERSEDED: Final = 2  # a newer connection of the same player has it

STEER: Final = np.dtype([("ship", "<u2"), ("type", "u1"), ("sequence", "u1"), ("heading", "u1"), ("thrusting", "u1")])
"""A ship and the INPUT message of its player, as it came; the order of rows is the order of arrival."""

ENTRY: Final = np.dtype(
    [("session", "<u4"), ("player", "<u8"), ("generation", "<u4"), ("ship", "<u2"), ("arena", "<u2")]
)
"""One session of a gateway: its player, and the ship that it flies, or NO_SHIP while it waits. The generation is that
of the berth, or for a session that waits that of the player's ticket, 0 without one."""

BERTH: Final = np.dtype(
    [("session", "<u4"), ("generation", "<u4"), ("ship", "<u2"), ("arena", "<u2"), ("verdict", "u1")]
)
"""What the tick decided for a session."""

Rows = NDArray[Any]


class Batch(msgspec.Struct, array_like=True, frozen=True):
    """What a gateway says each half tick; also its heartbeat."""

    format: int
    gateway: str
    reply: Channel  # the channel of its relay
    epoch: U32  # the newest that it heard; 0 for none. Inputs name ships of this epoch
    roster_version: int
    roster: bytes | None  # rows of ENTRY; None: as it was at this version
    steers: bytes  # rows of STEER
    seen: list[bytes] = []  # the newest snapshot of each arena with players here, for a tick that asked or is new
    reads: Version = FORMAT  # the newest format that this gateway reads


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """What the tick says to one gateway."""

    format: int
    epoch: U32
    tick: U32
    berths: bytes  # rows of BERTH
    roster_wanted: bool  # say the whole roster and what was seen, at once
    reads: Version = FORMAT  # the newest format that this tick reads


class _Head(msgspec.Struct, array_like=True, frozen=True):
    format: int


_heads = msgspec.msgpack.Decoder(_Head)
_batches = msgspec.msgpack.Decoder(Batch)
_answers = msgspec.msgpack.Decoder(Answer)
_encoder = msgspec.msgpack.Encoder()


def encode(message: Batch | Answer) -> bytes:
    """Return `message` as bytes, in the format that it names."""
    assert PREVIOUS <= message.format <= FORMAT
    return _encoder.encode(message)


def decode_batch(data: bytes) -> Batch:
    """Return the batch in `data`; raises Refused("format" | "shape")."""
    batch: Batch = _read(_batches, data)
    if len(batch.steers) % STEER.itemsize or len(batch.roster or b"") % ENTRY.itemsize:
        raise Refused("shape")
    return batch


def decode_answer(data: bytes) -> Answer:
    """Return the answer in `data`; raises Refused("format" | "shape")."""
    answer: Answer = _read(_answers, data)
    if len(answer.berths) % BERTH.itemsize:
        raise Refused("shape")
    return answer


def entries(roster: bytes) -> Rows:
    """Return the rows of a roster."""
    return np.frombuffer(roster, dtype=ENTRY)


def berths(answer: Answer) -> Rows:
    """Return the rows of an answer."""
    return np.frombuffer(answer.berths, dtype=BERTH)


def _read(decoder: Any, data: bytes) -> Any:
    try:
        readable(_heads.decode(data).format)  # first: what another format looks like is not known
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Refused("shape") from None
