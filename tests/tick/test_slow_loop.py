"""app/tick/slow_loop.py: a tick that takes longer, and does nothing else differently."""

from itertools import count
from random import Random
from typing import Any

from app.processes.all_in_one import AllInOne
from app.settings.environment import Environment
from app.sim.world import World
from app.tick.inbox import Inbox
from app.tick.lease import Always
from app.tick.loop import Clock, TickLoop
from app.tick.players import Players
from app.tick.schedule import Due
from app.tick.slow_loop import SlowTickLoop

LOOK_S = 0.001  # by which the clock moves at each look


class Recording:
    """A publisher that records when it was called."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.at: list[float] = []

    def publish(self, *_parts: Any) -> None:
        self.at.append(self._clock.monotonic())


def test_every_tick_is_longer_by_the_work_and_moves_the_world_once() -> None:
    """The work lies before the frame goes out, where a slow simulation would have it."""
    looks = count()
    clock = Clock(lambda: next(looks) * LOOK_S, lambda: 0.0)
    publisher: Any = Recording(clock)
    players = Players(0)
    world = World(arena_capacity=0, random=Random(1))
    loop = SlowTickLoop(world, players, Inbox(players, 1), publisher, authority=Always(1), clock=clock, work_s=0.08)

    loop.tick(Due(1, 0, 0.0))

    assert 1 == world.tick
    assert 0.08 <= publisher.at[0] <= 0.1


def test_a_server_is_burdened_only_by_its_setting() -> None:
    """Without it the loop is the product's own class, which checks no such setting."""
    assert TickLoop is type(AllInOne(Environment.load({}))._loop)
    assert SlowTickLoop is type(AllInOne(Environment.load({"FLOTILLA_TEST_TICK_WORK_MS": "1"}))._loop)
