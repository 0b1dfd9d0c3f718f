"""An exact replica of an arena, fed with the frames of one flotilla.v1 socket."""

import numpy as np

from app.sim.movement import move
from app.wire import delta, outputs, records
from app.wire.outputs import Checksum, DeltaBody, Full, Goodbye, Keyframe, Pong, ServerMessage, Status, Welcome
from app.wire.records import Records
from app.wire.refusal import Refused


class Replica:
    """The ships exactly as the server has them, and the last of its other messages.

    After a frame that does not fit, `wants_resync` is set and deltas are ignored until the next keyframe.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self.tick = 0
        self.records: Records = records.EMPTY
        self.in_step = False
        self.wants_resync = False
        self.welcome: Welcome | None = None
        self.full: Full | None = None
        self.pongs: list[int] = []
        self.paused = False
        self.goodbye: Goodbye | None = None
        self.checksums = 0

    def apply(self, data: bytes) -> list[ServerMessage]:
        """Apply one WebSocket message and return its messages; raises Refused if no server sends it."""
        messages = outputs.decode(data)
        for message in messages:
            self._take(message)
        return messages

    def _take(self, message: ServerMessage) -> None:
        match message:
            case Keyframe(epoch, tick, ships):
                self.epoch, self.tick, self.records = epoch, tick, ships
                self.in_step, self.wants_resync = True, False
            case DeltaBody(body):
                self._delta(body)
            case Checksum(crc):
                self._check(crc)
            case Full():
                self.full = message
            case Welcome():
                self.welcome = message
            case Pong(nonce):
                self.pongs.append(nonce)
            case Status(paused):
                self.paused = paused
            case Goodbye():
                self.goodbye = message

    def _delta(self, body: bytes) -> None:
        if not self.in_step:
            return
        try:
            change = delta.decode(body, self.records)
        except Refused:
            self._lose_step()
            return
        if (self.tick + change.steps) & 0xFF != change.tick_low:
            self._lose_step()
            return
        moved = advanced(change.survivors, change.steps)
        if len(change.arrivals):
            moved = np.concatenate([moved, change.arrivals])
            moved = moved[np.argsort(moved["id"], kind="stable")]
        self.records = moved
        self.tick += change.steps

    def _check(self, crc: int) -> None:
        if self.in_step:
            self.checksums += 1
            if records.checksum(self.records) != crc:
                self._lose_step()

    def _lose_step(self) -> None:
        self.in_step = False
        self.wants_resync = True


def advanced(ships: Records, steps: int) -> Records:
    """Return `ships` after `steps` ticks with their inputs unchanged."""
    x, y, vx, vy = (ships[name].astype(np.int32) for name in ("x", "y", "vx", "vy"))
    thrusting = ships["flags"] != 0
    for _ in range(steps):
        move(x, y, vx, vy, ships["heading"], thrusting)
    moved = ships.copy()
    moved["x"], moved["y"], moved["vx"], moved["vy"] = x, y, vx, vy
    return moved
