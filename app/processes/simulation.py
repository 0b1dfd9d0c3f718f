"""The simulation's objects, by settings: the same for the roles `run` and `tick`."""

import math
from collections.abc import Callable
from random import Random
from typing import Any

from app.settings.environment import Environment
from app.sim.rules import TICK_RATE
from app.sim.world import World
from app.tick.inbox import Inbox
from app.tick.lease import Authority
from app.tick.loop import TickLoop
from app.tick.players import Players
from app.tick.publisher import Publisher
from app.tick.slow_loop import SlowTickLoop

AfterTick = Callable[[float], None]  # is called with the seconds that are left of each tick


def grace_ticks(environment: Environment) -> int:
    """Return for how many ticks the ship of a disconnected player stays."""
    return math.ceil(environment.resume_grace_seconds * TICK_RATE)


def tick_loop(
    environment: Environment,
    players: Players,
    inbox: Inbox,
    *,
    layer: Any,
    authority: Authority,
    after_tick: AfterTick | None,
) -> TickLoop:
    world = World(
        arena_capacity=environment.arena_capacity,
        random=Random(),  # noqa: S311  # the places where ships appear are not secret
        max_ships=environment.max_ships,
    )
    publisher = Publisher(layer, authority)
    if environment.test_tick_work_ms:
        work_s = environment.test_tick_work_ms / 1000
        return SlowTickLoop(world, players, inbox, publisher, authority=authority, after_tick=after_tick, work_s=work_s)
    return TickLoop(world, players, inbox, publisher, authority=authority, after_tick=after_tick)
