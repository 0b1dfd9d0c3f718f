"""One step of motion for many ships at once, in integers, exactly as docs/protocol.md prescribes.

Invariants: after a step every position lies in ``0 .. SIZE - 1`` and every speed is at most ``CAP``.
"""

import numpy as np
from numpy.typing import NDArray

from app.sim.rules import CAP, SIZE
from app.sim.thrust import THRUST_X, THRUST_Y

Ints = NDArray[np.int32]

_FASTEST_SQUARED = CAP * CAP
_NEWTON_START = 5400  # above the greatest speed after one thrust (5120 + 205)
_NEWTON_ROUNDS = 2  # from 5400 these reach the root, or one more, of any value in (CAP^2, 5325^2]


def move(x: Ints, y: Ints, vx: Ints, vy: Ints, heading: NDArray[np.uint8], thrusting: NDArray[np.bool_]) -> None:
    """Move all ships by one tick in place; arrays of shape (n,) in subunits and subunits per tick."""
    burning = np.flatnonzero(thrusting)
    if burning.size:
        _accelerate(vx, vy, heading, burning)
    x += vx
    x %= SIZE
    y += vy
    y %= SIZE


def _accelerate(vx: Ints, vy: Ints, heading: NDArray[np.uint8], burning: NDArray[np.intp]) -> None:
    directions = heading[burning]
    faster_x = vx[burning] + THRUST_X[directions]
    faster_y = vy[burning] + THRUST_Y[directions]
    squared = faster_x * faster_x + faster_y * faster_y
    over = np.flatnonzero(squared > _FASTEST_SQUARED)
    if over.size:
        speed = _root_rounded_up(squared[over])
        faster_x[over] = _scaled(faster_x[over], speed)
        faster_y[over] = _scaled(faster_y[over], speed)
    vx[burning] = faster_x
    vy[burning] = faster_y


def _root_rounded_up(squared: Ints) -> Ints:
    """Return the smallest integers whose squares are at least `squared`, for values in (CAP^2, (CAP + 205)^2].

    Newton's iteration from above ends at the root rounded down or at the next integer; the last line makes it that one.
    """
    root = np.full_like(squared, _NEWTON_START)
    for _ in range(_NEWTON_ROUNDS):
        root = (root + squared // root) >> 1
    root += root * root < squared
    return root


def _scaled(component: Ints, speed: Ints) -> Ints:
    """Return ``component * CAP / speed`` rounded towards zero, so that no direction is favoured."""
    return np.sign(component) * (np.abs(component) * CAP // speed)
