"""Puts the rooms together: which objects make up a process, with which settings."""

import asyncio
import time
from collections.abc import Callable
from random import Random
from typing import Any, Final

from channels.layers import get_channel_layer
from django.conf import settings

from app.config.environment import Environment
from app.gateway.gateway import Gateway
from app.gateway.limits import Limits
from app.observability.tasks import start
from app.sim.world import World
from app.tick.loop import TickLoop

EPOCH_LIMIT: Final = 1 << 32  # epochs travel as u32


def limits(environment: Environment) -> Limits:
    """Return the limits of a gateway."""
    return Limits(
        sockets_per_process=environment.sockets_per_process,
        sockets_per_address=environment.sockets_per_address,
        messages_per_second=environment.socket_messages_per_second,
        message_burst=environment.socket_message_burst,
        write_buffer_bytes=environment.socket_write_buffer_bytes,
        stall_s=environment.socket_stall_seconds,
        hello_timeout_s=environment.hello_timeout_seconds,
        ping_interval_s=environment.ping_interval_seconds,
        ping_timeout_s=environment.ping_timeout_seconds,
    )


class AllInOne:
    """A gateway and a tick in one process, joined by the channel layer as they would be across processes."""

    def __init__(self, environment: Environment, *, after_tick: Callable[[float], None] | None = None) -> None:
        """Make both; nothing runs yet. `after_tick` may use the seconds that are left of each tick."""
        layer: Any = get_channel_layer()
        world = World(
            arena_capacity=environment.arena_capacity,
            random=Random(),  # noqa: S311  # where ships appear is no secret
            max_ships=environment.max_ships,
        )
        self.gateway = Gateway(layer, limits(environment))
        self._tick = TickLoop(world, layer, epoch=int(time.time()) % EPOCH_LIMIT, after_tick=after_tick)
        self._running: asyncio.Task[None] | None = None

    def start(self, on_death: Callable[[str], None] = lambda _name: None) -> None:
        """Start both in the running loop; once. `on_death` hears of a part that ended by itself."""
        if self._running is None:
            self._running = start(self._tick.run(), "tick", on_death)
            self.gateway.start(on_death)

    def stop(self) -> None:
        """Cancel both."""
        self.gateway.stop()
        if self._running is not None:
            self._running.cancel()
            self._running = None


_process: list[AllInOne] = []


def all_in_one() -> AllInOne:
    """Return the one of this process, made at the first call."""
    if not _process:
        _process.append(AllInOne(settings.ENVIRONMENT))
    return _process[0]


def running_gateway() -> Gateway:
    """Return the gateway of this process, with everything behind it running in the current loop."""
    process = all_in_one()
    process.start()
    return process.gateway
