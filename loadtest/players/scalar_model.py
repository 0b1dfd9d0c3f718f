"""The rules of the world for one ship at a time, written from docs/protocol.md without code of app.sim.

The property tests, the golden step vectors and the benchmark compare app.sim with this model.
"""

import math
from dataclasses import dataclass
from typing import Final

SIZE: Final = 1000 * 1024  # subunits
CAP: Final = 5 * 1024  # subunits per tick
THRUST_X: Final = tuple(round(204.8 * math.cos(2 * math.pi * heading / 256)) for heading in range(256))


@dataclass(slots=True)
class Ship:
    id: int
    x: int
    y: int
    vx: int = 0
    vy: int = 0
    heading: int = 0
    thrusting: bool = False
    sequence: int = 0


def step(ship: Ship) -> None:
    """Move `ship` by one tick."""
    if ship.thrusting:
        _thrust(ship)
    ship.x = (ship.x + ship.vx) % SIZE
    ship.y = (ship.y + ship.vy) % SIZE


def _thrust(ship: Ship) -> None:
    vx = ship.vx + THRUST_X[ship.heading]
    vy = ship.vy + THRUST_X[(ship.heading - 64) % 256]
    squared = vx * vx + vy * vy
    if squared > CAP * CAP:
        speed = math.isqrt(squared - 1) + 1  # the smallest integer whose square is at least `squared`
        vx = _divided(vx * CAP, speed)
        vy = _divided(vy * CAP, speed)
    ship.vx, ship.vy = vx, vy


def _divided(a: int, b: int) -> int:
    """Return a / b rounded towards zero."""
    return a // b if a >= 0 else -(-a // b)
