"""A player of a crowd that decodes every frame, and compares its ship with exact movement."""

import math
from typing import Final

from app.wire.outputs import Keyframe
from app.wire.records import SIZE, Records
from loadtest.measure.observation import Jumps
from loadtest.players.replica import Replica, advanced

SUBUNITS: Final = 1024  # per unit
SLACK_UNITS: Final = 0.2  # n ticks of another input move a ship by n²·(0.2 + 0.2)/2 units at most
INPUTS_IN_FLIGHT: Final = 3  # ticks between sending an input and its effect


class Witness:
    """Follows one ship across sockets, epochs and gateways.

    After every discontinuity (a keyframe) the ship must be where exact movement leads from its last state. For a
    coasting ship this holds exactly. A steered ship may have had other inputs meanwhile, so a distance is allowed.
    """

    def __init__(self, *, coasts: bool) -> None:
        """`coasts`: the player has released the button for good."""
        self.coasts = coasts
        self.jumps = Jumps()
        self.missing = False  # the last frame did not have the ship
        self._replica = Replica()
        self._ship = 0
        self._tick = 0
        self._own: Records | None = None

    def connected(self) -> None:
        """Begin with a new socket; the last state of the ship stays."""
        self._replica = Replica()

    def take(self, data: bytes, ship: int) -> bool:
        """Decode one WebSocket message; return True if the player must request a keyframe."""
        keyframe = any(isinstance(message, Keyframe) for message in self._replica.apply(data))
        if self._replica.in_step:
            self._check(ship, keyframe=keyframe)
        return self._replica.wants_resync

    def _check(self, ship: int, *, keyframe: bool) -> None:
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
        if ticks < 0:  # the world went back a little: the new state must lead to the old one
            before, after = after, before
        jump = distance(advanced(before, abs(ticks)), after)
        if self.coasts:
            if not before["flags"][0] and not after["flags"][0]:
                self.jumps.coasting.append(jump)
        else:
            allowed = SLACK_UNITS * (abs(ticks) + INPUTS_IN_FLIGHT) ** 2
            self.jumps.steering.append(jump)
            self.jumps.beyond.append(max(0.0, jump - allowed))


def distance(one: Records, other: Records) -> float:
    """Return the distance of two states of a ship in units; the arena is a torus."""
    x, y = (_apart(int(one[name][0]), int(other[name][0])) for name in ("x", "y"))
    return math.hypot(x, y) / SUBUNITS


def _apart(one: int, other: int) -> int:
    around = (one - other) % SIZE
    return min(around, SIZE - around)
