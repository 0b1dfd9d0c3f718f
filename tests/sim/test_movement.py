"""app.sim.movement: exact, against an independent model; alive, against the seed's floats."""

import json
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.sim import movement
from app.sim.movement import move
from app.sim.rules import CAP, SIZE, SUBUNITS
from app.sim.thrust import THRUST_X
from loadtest.players import scalar_model
from loadtest.players.scalar_model import Ship
from tests.golden import steps

VECTORS = json.loads(steps.VECTORS.read_text())["cases"]

velocities = st.tuples(st.integers(-CAP, CAP), st.integers(-CAP, CAP)).filter(lambda v: v[0] ** 2 + v[1] ** 2 <= CAP**2)


@st.composite
def ships(draw: st.DrawFn) -> Ship:
    """Any ship that the rules allow."""
    vx, vy = draw(velocities)
    return Ship(
        id=draw(st.integers(1, 65535)),
        x=draw(st.integers(0, SIZE - 1)),
        y=draw(st.integers(0, SIZE - 1)),
        vx=vx,
        vy=vy,
        heading=draw(st.integers(0, 255)),
        thrusting=draw(st.booleans()),
    )


def moved(fleet: list[Ship], ticks: int) -> list[tuple[int, int, int, int]]:
    """Return (x, y, vx, vy) of each ship after `ticks` steps of app.sim."""
    x, y, vx, vy = (np.array([getattr(s, name) for s in fleet], dtype=np.int32) for name in ("x", "y", "vx", "vy"))
    heading = np.array([s.heading for s in fleet], dtype=np.uint8)
    thrusting = np.array([s.thrusting for s in fleet], dtype=np.bool_)
    for _ in range(ticks):
        move(x, y, vx, vy, heading, thrusting)
    return list(zip(x.tolist(), y.tolist(), vx.tolist(), vy.tolist(), strict=True))


@given(fleet=st.lists(ships(), max_size=30), ticks=st.integers(0, 50))
def test_many_ships_move_as_each_does_alone(fleet: list[Ship], ticks: int) -> None:
    """The vectorised step equals the scalar model, bit for bit, for any ships and any number of steps."""
    after = moved(fleet, ticks)
    for ship in fleet:
        for _ in range(ticks):
            scalar_model.step(ship)
    assert [(s.x, s.y, s.vx, s.vy) for s in fleet] == after


@given(fleet=st.lists(ships(), min_size=1, max_size=10), ticks=st.integers(1, 100))
def test_no_ship_leaves_the_arena_or_exceeds_the_cap(fleet: list[Ship], ticks: int) -> None:
    """After any number of steps positions are inside the torus and speeds at most 5 units per tick."""
    for x, y, vx, vy in moved(fleet, ticks):
        assert 0 <= x < SIZE
        assert 0 <= y < SIZE
        assert vx * vx + vy * vy <= CAP * CAP


def test_every_speed_that_one_thrust_can_reach_has_its_exact_root() -> None:
    """The cap divides by the root rounded up; one unit off would part clients and server."""
    fastest = CAP + max(THRUST_X.tolist())
    squared = np.arange(CAP * CAP + 1, fastest * fastest + 1, dtype=np.int32)
    root = movement._root_rounded_up(squared).astype(np.int64)
    assert np.all(root * root >= squared)
    assert np.all((root - 1) ** 2 < squared)


def test_the_step_vectors_hold() -> None:
    """Every vector that TypeScript reads too comes out the same here."""
    assert len(VECTORS) > 200
    for case in VECTORS:
        expected = tuple(case["after"][name] for name in ("x", "y", "vx", "vy"))
        assert [expected] == moved([Ship(**case["before"])], case["steps"]), case["name"]


def test_the_step_vectors_are_those_of_the_model() -> None:
    """steps.json is what `python -m tests.golden.steps` makes."""
    assert steps.made() == steps.VECTORS.read_text()


@given(
    headings=st.lists(st.tuples(st.integers(0, 255), st.booleans()), min_size=1, max_size=100),
)
def test_the_game_feels_like_the_seeds(headings: list[tuple[int, bool]]) -> None:
    """Over 100 ticks of any steering, velocity stays within 0.15 units/tick of the seed's float rules.

    Rounding the thrust and the cap costs at most about 1.5 subunits of velocity a tick: 100 ticks x 1.5 / 1024.
    """
    ship = Ship(1, SIZE // 2, SIZE // 2)
    dx = dy = 0.0
    for heading, thrusting in headings:
        ship.heading, ship.thrusting = heading, thrusting
        if thrusting:
            dx += 0.2 * math.cos(2 * math.pi * heading / 256)
            dy += 0.2 * math.sin(2 * math.pi * heading / 256)
            speed = math.hypot(dx, dy)
            if speed > 5:
                dx, dy = dx * 5 / speed, dy * 5 / speed
        scalar_model.step(ship)
    assert math.hypot(ship.vx / SUBUNITS - dx, ship.vy / SUBUNITS - dy) <= 0.15
