"""Epoch and tick of every frame, without decoding the rest. Pure."""

import struct
from collections.abc import Iterator
from typing import Final

from app.wire import varint
from app.wire.outputs import DELTA, FULL, KEYFRAME

STEPS: Final = 0x0F  # the bits of a delta's control that count its steps

_MOMENT: Final = struct.Struct("<II")


class Stream:
    """Epoch and tick of the last frame of one socket; 0 before the first."""

    __slots__ = ("epoch", "fits", "tick")

    def __init__(self) -> None:
        self.epoch = 0
        self.tick = 0
        self.fits = True  # whether every delta led to the tick that it names

    def take(self, data: bytes) -> bool:
        """Read one WebSocket message; return True if it has a frame of the world."""
        found = False
        for kind, start in bodies(data):
            if kind in {KEYFRAME, FULL}:
                self.epoch, self.tick = _MOMENT.unpack_from(data, start)
                found = True
            elif kind == DELTA:
                self._delta(data, start)
                found = True
        return found

    def _delta(self, data: bytes, start: int) -> None:
        self.tick += data[start + 1] & STEPS
        if self.tick & 0xFF != data[start]:
            self.fits = False


def bodies(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield type and body offset of each message in one WebSocket message."""
    offset = 0
    while offset < len(data):
        size, start = varint.read(data, offset + 1)
        yield data[offset], start
        offset = start + size
