"""Gateway to tick and back: a state that is said again until it is heard, since messages travel at most once.

A batch carries who is here (the roster, whole, when it changed and at least once a second) and the newest input of
each ship. An answer tells a gateway which ship each of its sessions flies; it is repeated until the roster shows it.
"""

from typing import Any, Final, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.wire.refusal import Refused

FORMAT: Final = 1
NO_SHIP: Final = 0

STEER: Final = np.dtype([("ship", "<u2"), ("type", "u1"), ("sequence", "u1"), ("heading", "u1"), ("thrusting", "u1")])
"""A ship and the INPUT message of its player, as it came; the order of rows is the order of arrival."""

Steers = NDArray[Any]


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One session of a gateway, and the ship that it believes to fly (NO_SHIP while it waits)."""

    session: int
    ship: int
    arena: int


class Batch(msgspec.Struct, array_like=True, frozen=True):
    """What a gateway says each half tick; also its heartbeat."""

    format: int
    gateway: str
    reply: str  # the channel of its relay
    epoch: int  # the newest that it heard; 0 for none. Inputs name ships of this epoch
    roster_version: int
    roster: list[Entry] | None  # None: as it was at this version
    steers: bytes  # rows of STEER


class Berth(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The ship given to a session; NO_SHIP when the world is full."""

    session: int
    ship: int
    arena: int


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """What the tick says to one gateway."""

    format: int
    epoch: int
    tick: int
    berths: list[Berth]
    roster_wanted: bool


_Message = TypeVar("_Message", Batch, Answer)

_batches = msgspec.msgpack.Decoder(Batch)
_answers = msgspec.msgpack.Decoder(Answer)
_encoder = msgspec.msgpack.Encoder()


def encode(message: Batch | Answer) -> bytes:
    """Return `message` as bytes."""
    return _encoder.encode(message)


def decode_batch(data: bytes) -> Batch:
    """Return the batch in `data`; raises Refused("format" | "shape")."""
    batch = _decode(_batches, data)
    if len(batch.steers) % STEER.itemsize:
        raise Refused("shape")
    return batch


def decode_answer(data: bytes) -> Answer:
    """Return the answer in `data`; raises Refused("format" | "shape")."""
    return _decode(_answers, data)


def _decode(decoder: msgspec.msgpack.Decoder[_Message], data: bytes) -> _Message:
    try:
        message = decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError):
        raise Refused("shape") from None
    if message.format != FORMAT:
        raise Refused("format")
    return message
