"""The checkpoint: a whole world with its players, as the tick keeps it in Redis for its successor.

Absolute and exact; a checksum over all of it, so that a damaged one is refused and never half read. It names the
oldest format whose readers understand it, since whoever reads it cannot be asked before: after a rollback that is the
previous release. Rows may be wider than this release knows; what follows its own fields is for others.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.wire import records
from app.wire.formats import FORMAT, PREVIOUS
from app.wire.records import SHIP
from app.wire.refusal import Refused

SINCE: Final = PREVIOUS  # who reads this reads what is written here; it must be PREVIOUS, or a rollback stands still
HEAD_BYTES: Final = 6  # that tell whether one can be read; they and the checksum at the end are the same in all formats
_MAGIC: Final = b"FLCP"
_HEAD = struct.Struct(
    "<4sBBIIHHI"
)  # magic, format, since, epoch, tick, the last id given out, bytes of a row, of names
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
    moment = (checkpoint.epoch, checkpoint.tick, checkpoint.last_id)
    head = _HEAD.pack(_MAGIC, FORMAT, SINCE, *moment, BERTH.itemsize, len(names))
    body = head + names + checkpoint.berths.tobytes()
    return body + zlib.crc32(body).to_bytes(_CRC, "little")


def is_readable(head: bytes) -> bool:
    """Tell from HEAD_BYTES or more whether this release reads the rest; what is no checkpoint is nobody's to read."""
    if len(head) < HEAD_BYTES or not head.startswith(_MAGIC):
        return True
    written, since = head[len(_MAGIC) : HEAD_BYTES]
    return written >= PREVIOUS and min(written, since) <= FORMAT


def decode(data: bytes) -> Checkpoint:
    """Return the checkpoint in `data`; raises Refused("damaged" | "format" | "length" | "order" | "range")."""
    body = data[:-_CRC]
    if not is_readable(data):  # first: how long another format is at least is not known
        raise Refused("format")
    if len(body) < _HEAD.size or not body.startswith(_MAGIC):
        raise Refused("damaged")
    if zlib.crc32(body).to_bytes(_CRC, "little") != data[-_CRC:]:
        raise Refused("damaged")
    _, _, _, epoch, tick, last_id, row_size, names_size = _HEAD.unpack_from(body)
    names, rows = body[_HEAD.size : _HEAD.size + names_size], body[_HEAD.size + names_size :]
    berths = _read_rows(rows, row_size)
    _check(berths)
    return Checkpoint(epoch, tick, last_id, _read_names(names), berths)


def _read_rows(data: bytes, size: int) -> Berths:
    if size < BERTH.itemsize or len(data) % size:
        raise Refused("length")
    known = np.frombuffer(data, dtype=np.uint8).reshape(-1, size)[:, : BERTH.itemsize]
    return np.frombuffer(known.tobytes(), dtype=BERTH)


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
