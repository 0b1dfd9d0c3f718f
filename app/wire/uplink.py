"""Uplink batches from gateway to tick, and answers: states that are repeated, since delivery is at most once.

A batch carries the newest input of each ship, and the roster of all sessions: when it changed, when the tick requests
it, and at least once a second. An answer carries the ship of each session; it is repeated until the roster shows it.
Both formats have the same layout. A layout grows at the end of its structs, and readers ignore what follows.
"""

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.wire.formats import FORMAT, PREVIOUS, U32, Channel, Version, readable
from app.wire.refusal import Refused

NO_SHIP: Final = 0
NO_PLAYER: Final = 0  # a session without a ticket: its ship leaves when its socket closes

BERTHED: Final = 0  # verdicts: the session has this ship
WORLD_FULL: Final = 1  # there is no ship for the session
SUPERSEDED: Final = 2  # a newer session of the same player has the ship

STEER: Final = np.dtype([("ship", "<u2"), ("type", "u1"), ("sequence", "u1"), ("heading", "u1"), ("thrusting", "u1")])
"""A ship and the unchanged INPUT message of its player; rows are in the order of arrival."""

ENTRY: Final = np.dtype(
    [("session", "<u4"), ("player", "<u8"), ("generation", "<u4"), ("ship", "<u2"), ("arena", "<u2")]
)
"""One session of a gateway: its player and its ship, or NO_SHIP while it waits. Its generation comes from the berth,
while it waits from the ticket, and is 0 without a ticket."""

BERTH: Final = np.dtype(
    [("session", "<u4"), ("generation", "<u4"), ("ship", "<u2"), ("arena", "<u2"), ("verdict", "u1")]
)
"""The decision of the tick for a session."""

Rows = NDArray[Any]


class Batch(msgspec.Struct, array_like=True, frozen=True):
    """The message of a gateway for each tick, which is also its heartbeat."""

    format: int
    gateway: str
    reply: Channel  # the channel of its relay
    epoch: U32  # the newest that it received, 0 for none; inputs name ships of this epoch
    roster_version: int
    roster: bytes | None  # rows of ENTRY; None: unchanged since this version
    steers: bytes  # rows of STEER
    seen: list[bytes] = []  # the newest snapshot of each arena with players, for a tick that requests it or is new
    reads: Version = FORMAT  # the newest format that this gateway reads


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """The message of the tick to one gateway."""

    format: int
    epoch: U32
    tick: U32
    berths: bytes  # rows of BERTH
    roster_wanted: bool  # send the whole roster and the newest snapshots at once
    reads: Version = FORMAT  # the newest format that this tick reads


class _Head(msgspec.Struct, array_like=True, frozen=True):
    format: int


_heads = msgspec.msgpack.Decoder(_Head)
_batches = msgspec.msgpack.Decoder(Batch)
_answers = msgspec.msgpack.Decoder(Answer)
_encoder = msgspec.msgpack.Encoder()


def encode(message: Batch | Answer) -> bytes:
    """Return `message` as bytes in its format."""
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
    return np.frombuffer(roster, dtype=ENTRY)


def berths(answer: Answer) -> Rows:
    return np.frombuffer(answer.berths, dtype=BERTH)


def _read(decoder: Any, data: bytes) -> Any:
    try:
        readable(_heads.decode(data).format)  # first, because the shape of another format is unknown
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Refused("shape") from None
