"""A player who decodes every frame, to tell whether its ship went on from where it was."""

import math
from typing import Final

from app.wire.outputs import Keyframe
from app.wire.records import SIZE, Records
from loadtest.measure.observation import Jumps
from loadtest.players.replica import Replica, advanced

SUBUNITS: Final = 1024  # per unit
SLACK_UNITS: Final = 0.2  # n ticks of another input than we think move a ship by n²·(0.2 + 0.2)/2 units at most

INPUTS_IN_FLIGHT: Final = 3  # ticks that an input is on its way


class Witness:
    """Follows one ship across sockets, epochs and gateways.

    After every discontinuity (a keyframe) the ship must be where exact movement leads from where it was last seen. For
    one that coasts this holds exactly. One that is steered may have had other inputs meanwhile, so it has some room.
    """

    def __init__(self, *, coasts: bool) -> None:
        """Start with nothing seen; `coasts` if the player lets go of the button for good."""
        self.coasts = coasts
        self.jumps = Jumps()
        self.missing = False  # whether the last frame was without its ship
        self.lost_step = 0  # frames that did not fit the replica
        self._replica = Replica()
        self._ship = 0
        self._tick = 0
        self._own: Records | None = None

    def connected(self) -> None:
        """Begin with a new socket; what was seen before stays."""
        self._replica = Replica()

    def take(self, data: bytes, ship: int) -> bool:
        """Take in one WebSocket message; tell whether a keyframe must be asked for."""
        keyframe = any(isinstance(message, Keyframe) for message in self._replica.apply(data))
        if self._replica.wants_resync:
            self.lost_step += 1
            return True
        if self._replica.in_step:
            self._look(ship, keyframe=keyframe)
        return False

    def _look(self, ship: int, *, keyframe: bool) -> None:
        records, tick = self._replica.records, self._replica.tick
        own = records[records["id"] == ship]
        self.missing = not len(own)
        if self.missing:
            return
        if ship != self._ship:
            self._ship, self._own = ship, None
        if keyframe and self._own is not None:
            self._compare(self._own, self._tick, own, tick)
        self._own, self._tick = own.copy(), tick

    def _compare(self, before: Records, before_tick: int, after: Records, after_tick: int) -> None:
        ticks = after_tick - before_tick
        if ticks < 0:  # the world went back a little: from there it must lead to where the ship was
            before, after = after, before
        jump = distance(advanced(before, abs(ticks)), after)
        if self.coasts:
            if not before["flags"][0] and not after["flags"][0]:
                self.jumps.coasting.append(jump)
        else:
            room = SLACK_UNITS * (abs(ticks) + INPUTS_IN_FLIGHT) ** 2
            self.jumps.steering.append(jump)
            self.jumps.beyond.append(max(0.0, jump - room))


def distance(one: Records, other: Records) -> float:
    """Return how far apart two states of a ship are, in units, the short way round."""
    x, y = (_apart(int(one[name][0]), int(other[name][0])) for name in ("x", "y"))
    return math.hypot(x, y) / SUBUNITS


def _apart(one: int, other: int) -> int:
    around = (one - other) % SIZE
    return min(around, SIZE - around)
