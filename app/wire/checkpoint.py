"""The checkpoint: a whole world with its players, as the tick keeps it in Redis for its successor.

Absolute and exact; a checksum over all of it, so that a damaged one is refused and never half read.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.wire import records
from app.wire.records import SHIP
from app.wire.refusal import Refused

FORMAT: Final = 1
_MAGIC: Final = b"FLCP"
_HEAD = struct.Struct("<4sBIIHI")  # magic, format, epoch, tick, the last id given out, bytes of the names
_CRC: Final = 4  # bytes at the end

BERTH: Final = np.dtype([("ship", SHIP), ("arena", "<u2"), ("player", "<u8"), ("generation", "<u4")])
"""A ship, where it is, and whose it is; rows sorted by (arena, id)."""

Berths = NDArray[Any]

_encoder = msgspec.msgpack.Encoder()
_names = msgspec.msgpack.Decoder(list[str])


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A world after `tick`."""

    epoch: int
    tick: int
    last_id: int
    gateways: list[str]  # by name: those that a successor waits for
    berths: Berths


def encode(checkpoint: Checkpoint) -> bytes:
    """Return `checkpoint` as bytes."""
    names = _encoder.encode(checkpoint.gateways)
    head = _HEAD.pack(_MAGIC, FORMAT, checkpoint.epoch, checkpoint.tick, checkpoint.last_id, len(names))
    body = head + names + checkpoint.berths.tobytes()
    return body + zlib.crc32(body).to_bytes(_CRC, "little")


def decode(data: bytes) -> Checkpoint:
    """Return the checkpoint in `data`; raises Refused("damaged" | "format" | "length" | "order" | "range")."""
    body = data[:-_CRC]
    if len(body) < _HEAD.size or body[:4] != _MAGIC:
        raise Refused("damaged")
    if body[4] != FORMAT:
        raise Refused("format")
    if zlib.crc32(body).to_bytes(_CRC, "little") != data[-_CRC:]:
        raise Refused("damaged")
    _, _, epoch, tick, last_id, names_size = _HEAD.unpack_from(body)
    rest = body[_HEAD.size + names_size :]
    if len(rest) % BERTH.itemsize:
        raise Refused("length")
    berths = np.frombuffer(rest, dtype=BERTH)
    _check(berths)
    return Checkpoint(epoch, tick, last_id, _read_names(body[_HEAD.size : _HEAD.size + names_size]), berths)


def _check(berths: Berths) -> None:
    """Refuse ships that break the rules of the world, and an id or a player that is there twice."""
    by_id = np.sort(berths["ship"], order="id")
    records.read(np.ascontiguousarray(by_id).tobytes())
    players = berths["player"][berths["player"] != 0]
    if len(np.unique(players)) != len(players):
        raise Refused("order")


def _read_names(data: bytes) -> list[str]:
    try:
        return _names.decode(data)
    except (msgspec.DecodeError, UnicodeError):
        raise Refused("damaged") from None
