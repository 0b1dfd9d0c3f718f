"""The cost of one tick: step and encode of many ships, with its ratio to the scalar model in the same run."""

import time
from collections.abc import Callable
from random import Random
from statistics import median
from typing import Final

import numpy as np

from app.sim.world import Inputs, World
from app.tick import capture
from app.wire import snapshot
from loadtest.players import scalar_model
from loadtest.players.scalar_model import Ship
from loadtest.report.tables import Table

SHIPS: Final = 10_000
ROUNDS: Final = 400
SCALAR_ROUNDS: Final = 5
WARM_UP: Final = 2  # calls that do not count
TARGET_P99_MS: Final = 5.0


def table() -> Table:
    world = _busy_world(SHIPS)
    both = _times(lambda: _tick(world), ROUNDS)
    step = _times(world.step, ROUNDS)
    ships = _same_ships(world)
    scalar = _times(lambda: _scalar_tick(ships), SCALAR_ROUNDS)
    rows = [
        _row("step + encode", both, f"p99 at most {TARGET_P99_MS:g} ms"),
        _row("step alone", step),
        _row("scalar model, step alone", scalar),
        ("scalar model, as a multiple of step + encode", f"{median(scalar) / median(both):.0f}", "", ""),
    ]
    title = f"Tick: {SHIPS:,} ships in one arena, half of them burning"
    return Table(title, ("what", "p50 ms", "p99 ms", "target"), rows)


def _row(what: str, times: list[float], target: str = "") -> tuple[str, ...]:
    return (what, f"{median(times):.2f}", f"{np.percentile(times, 99):.2f}", target)


def _busy_world(ships: int) -> World:
    world = World(arena_capacity=0, random=Random(1))  # noqa: S311  # a game of chance
    ids = np.array([berth.ship for berth in world.admit(ships)], dtype=np.intp)
    numbers = np.arange(ships)
    world.apply(Inputs(ids, (numbers % 256).astype(np.uint8), numbers % 2 == 0, np.zeros(ships, dtype=np.uint8)))
    for _ in range(60):  # until the burning ships have reached the cap: the dearest state
        world.step()
    return world


def _tick(world: World) -> None:
    world.step()
    for shot in capture.snapshots(world, epoch=1, steps=1, published=0.0):
        snapshot.encode(shot)


def _same_ships(world: World) -> list[Ship]:
    names = ("id", "x", "y", "vx", "vy", "heading", "thrusting", "sequence")
    rows = zip(*(getattr(world, name).tolist() for name in names), strict=True)
    return [Ship(*row) for row in rows]


def _scalar_tick(ships: list[Ship]) -> None:
    for ship in ships:
        scalar_model.step(ship)


def _times(work: Callable[[], object], rounds: int) -> list[float]:
    """Return the milliseconds of each of `rounds` calls, after the warm-up."""
    times = []
    for number in range(rounds + WARM_UP):
        started = time.perf_counter()
        work()
        if number >= WARM_UP:
            times.append((time.perf_counter() - started) * 1000)
    return times
