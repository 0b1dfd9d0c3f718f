"""The checkpoint: a whole world with its players, which the tick stores in Redis for its successor.

It is absolute and exact, with a checksum over all bytes, so that a damaged one is refused as a whole. It names the
oldest format whose readers can decode it, because its reader is unknown: after a rollback that is the previous release.
Rows may be wider than in this release; bytes after the known fields are ignored.
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

# The oldest format whose readers understand this one. It must be PREVIOUS, or a rollback cannot start.
SINCE: Final = PREVIOUS
HEAD_BYTES: Final = 6  # that decide if one can be read; they and the checksum at the end are the same in all formats
_MAGIC: Final = b"FLCP"
# magic, format, since, epoch, tick, the last id given out, size of a row, size of the names
_HEAD = struct.Struct("<4sBBIIHHI")
_CRC: Final = 4  # bytes of the checksum at the end

BERTH: Final = np.dtype([("ship", SHIP), ("arena", "<u2"), ("player", "<u8"), ("generation", "<u4")])
"""A ship with its arena and its player; rows sorted by (arena, id)."""

Berths = NDArray[Any]

_encoder = msgspec.msgpack.Encoder()
_names = msgspec.msgpack.Decoder(list[str])


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """The world after `tick`."""

    epoch: int
    tick: int
    last_id: int
    gateways: list[str]  # the names of those for which a successor waits
    berths: Berths


def encode(checkpoint: Checkpoint) -> bytes:
    names = _encoder.encode(checkpoint.gateways)
    moment = (checkpoint.epoch, checkpoint.tick, checkpoint.last_id)
    head = _HEAD.pack(_MAGIC, FORMAT, SINCE, *moment, BERTH.itemsize, len(names))
    body = head + names + checkpoint.berths.tobytes()
    return body + zlib.crc32(body).to_bytes(_CRC, "little")


def is_readable(head: bytes) -> bool:
    """Return True if this release can read the checkpoint that begins with `head`, at least HEAD_BYTES of it.

    Data without the magic bytes is not a checkpoint of any release: return True, so that a new world may replace it.
    """
    if len(head) < HEAD_BYTES or not head.startswith(_MAGIC):
        return True
    written, since = head[len(_MAGIC) : HEAD_BYTES]
    return written >= PREVIOUS and min(written, since) <= FORMAT


def decode(data: bytes) -> Checkpoint:
    """Return the checkpoint in `data`; raises Refused("damaged" | "format" | "length" | "order" | "range")."""
    body = data[:-_CRC]
    if not is_readable(data):  # first, because the size of another format is unknown
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
    """Refuse ships that break the rules of the world, and an id or a player that occurs twice."""
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
