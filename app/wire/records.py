"""Ship records: the exact one of 17 bytes and the rounded one of 8, as numpy rows with the layout of the wire."""

import zlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.wire.refusal import Refused

SIZE: Final = 1_024_000  # subunits; width and height of the arena (docs/protocol.md, "The rules of the world")
CAP: Final = 5120  # subunits per tick; greatest speed
PICTURE_SHIFT: Final = 4  # a picture drops the low 4 bits: 1/64 unit is finer than a pixel and fits u16

SHIP: Final = np.dtype(
    [
        ("id", "<u2"),
        ("x", "<u4"),
        ("y", "<u4"),
        ("vx", "<i2"),
        ("vy", "<i2"),
        ("heading", "u1"),
        ("flags", "u1"),
        ("sequence", "u1"),
    ]
)
PICTURE: Final = np.dtype([("id", "<u2"), ("x", "<u2"), ("y", "<u2"), ("heading", "u1"), ("flags", "u1")])

Records = NDArray[Any]
"""Rows of SHIP, shape (n,), ids ascending and unique."""

EMPTY: Final[Records] = np.zeros(0, dtype=SHIP)


def read(data: bytes | memoryview) -> Records:
    """Return the ship records in `data` as a read-only view; raises Refused("length" | "order" | "range")."""
    if len(data) % SHIP.itemsize:
        raise Refused("length")
    records = np.frombuffer(data, dtype=SHIP)
    ids = records["id"]
    if len(ids) and (ids[0] == 0 or not bool(np.all(ids[1:] > ids[:-1]))):
        raise Refused("order")
    if not _within_the_rules(records):
        raise Refused("range")
    return records


def picture(records: Records) -> bytes:
    rows = np.empty(len(records), dtype=PICTURE)
    rows["id"] = records["id"]
    rows["x"] = records["x"] >> PICTURE_SHIFT
    rows["y"] = records["y"] >> PICTURE_SHIFT
    rows["heading"] = records["heading"]
    rows["flags"] = records["flags"]
    return rows.tobytes()


def read_pictures(data: bytes | memoryview) -> NDArray[Any]:
    """Return the picture records in `data` as a read-only view; raises Refused("length")."""
    if len(data) % PICTURE.itemsize:
        raise Refused("length")
    return np.frombuffer(data, dtype=PICTURE)


def checksum(records: Records) -> int:
    """Return the CRC-32 of the bytes of the records."""
    return zlib.crc32(records.tobytes())


def _within_the_rules(records: Records) -> bool:
    vx = records["vx"].astype(np.int32)
    vy = records["vy"].astype(np.int32)
    return (
        bool(np.all(records["x"] < SIZE))
        and bool(np.all(records["y"] < SIZE))
        and bool(np.all(vx * vx + vy * vy <= CAP * CAP))
        and bool(np.all(records["flags"] <= 1))
    )
