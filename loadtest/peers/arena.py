"""The game of the comparison servers: newest input per player, a step, and the picture of flotilla.v1, in numpy."""

from typing import Final

import numpy as np

ROOM: Final = 8192  # players at most: more than the generator has sockets
SIZE: Final = 16_000  # units of a picture across the arena
THRUST: Final = 3  # units per tick and tick
CAP: Final = 80  # units per tick
TICK_S: Final = 0.05

_INPUT_BYTES: Final = 4  # type, sequence, heading, buttons
_INPUT: Final = 2
_PICTURE: Final = 0x84
_HEADER_BYTES: Final = 8  # epoch and tick
_RECORD: Final = np.dtype([("id", "<u2"), ("x", "<u2"), ("y", "<u2"), ("heading", "u1"), ("flags", "u1")])
_ANGLES: Final = np.arange(256) * (2 * np.pi / 256)
_THRUST_X: Final = np.rint(THRUST * np.cos(_ANGLES)).astype(np.int32)
_THRUST_Y: Final = np.rint(THRUST * np.sin(_ANGLES)).astype(np.int32)


class Arena:
    """The players of one server, each in one slot."""

    def __init__(self) -> None:
        self._free = list(range(ROOM - 1, -1, -1))
        self._alive = np.zeros(ROOM, dtype=np.bool_)
        self._x, self._y = (np.full(ROOM, SIZE // 2, dtype=np.int32) for _ in range(2))
        self._vx, self._vy = (np.zeros(ROOM, dtype=np.int32) for _ in range(2))
        # Written one by one and read at once: a bytearray is faster to write, the view on it faster to read.
        self._headings, self._thrusts = bytearray(ROOM), bytearray(ROOM)
        self._heading = np.frombuffer(self._headings, dtype=np.uint8)
        self._thrusting = np.frombuffer(self._thrusts, dtype=np.bool_)
        self._tick = 0

    def join(self) -> int:
        """Return the slot of a new player."""
        slot = self._free.pop()
        self._alive[slot] = True
        return slot

    def leave(self, slot: int) -> None:
        self._alive[slot] = False
        self._free.append(slot)

    def steer(self, slot: int, data: bytes | memoryview) -> None:
        """Apply an input message; any other message is ignored."""
        if len(data) == _INPUT_BYTES and data[0] == _INPUT:
            self._headings[slot] = data[2]
            self._thrusts[slot] = data[3] & 1

    def step(self) -> None:
        """Move every ship by one tick."""
        self._tick += 1
        self._vx += _THRUST_X[self._heading] * self._thrusting
        self._vy += _THRUST_Y[self._heading] * self._thrusting
        np.clip(self._vx, -CAP, CAP, out=self._vx)
        np.clip(self._vy, -CAP, CAP, out=self._vy)
        self._x = (self._x + self._vx) % SIZE
        self._y = (self._y + self._vy) % SIZE

    def picture(self) -> bytes:
        """Return the message to all clients: type, length, epoch, tick, records."""
        slots = np.flatnonzero(self._alive)
        records = np.empty(slots.size, dtype=_RECORD)
        records["id"] = slots + 1
        records["x"], records["y"] = self._x[slots], self._y[slots]
        records["heading"], records["flags"] = self._heading[slots], self._thrusting[slots]
        header = (1).to_bytes(4, "little") + self._tick.to_bytes(4, "little")
        return bytes([_PICTURE]) + _varint(_HEADER_BYTES + records.nbytes) + header + records.tobytes()


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >> 7:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
