"""Puts the rooms together: which objects make up a process, with which settings."""

import asyncio
import math
import time
from collections.abc import Callable
from random import Random
from typing import Any, Final

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings

from app.gateway.gateway import Gateway
from app.gateway.limits import Limits
from app.layer.member import Member
from app.layer.redis import client
from app.runtime.tasks import end, start
from app.settings.environment import Environment
from app.sim.rules import TICK_RATE
from app.sim.world import World
from app.tick.inbox import Inbox
from app.tick.leader import Leader
from app.tick.lease import Always, Authority, Lease
from app.tick.loop import TickLoop
from app.tick.players import Players
from app.tick.publisher import Publisher
from app.tick.slow_loop import SlowTickLoop
from app.wire.channels import UPLINK_GROUP

EPOCH_LIMIT: Final = 1 << 32  # epochs travel as u32

AfterTick = Callable[[float], None]
OnDeath = Callable[[str], None]


def limits(environment: Environment) -> Limits:
    """Return the limits of a gateway."""
    return Limits(
        sockets_per_process=environment.sockets_per_process,
        sockets_per_address=environment.sockets_per_address,
        trusted_proxies=environment.trusted_proxies,
        accepts_per_second=environment.accepts_per_second,
        accept_burst=environment.accept_burst,
        messages_per_second=environment.socket_messages_per_second,
        message_burst=environment.socket_message_burst,
        write_buffer_bytes=environment.socket_write_buffer_bytes,
        stall_s=environment.socket_stall_seconds,
        hello_timeout_s=environment.hello_timeout_seconds,
        ping_interval_s=environment.ping_interval_seconds,
        ping_timeout_s=environment.ping_timeout_seconds,
    )


def distributed_gateway(environment: Environment, *, after_frame: AfterTick = lambda _seconds: None) -> Gateway:
    """Return the gateway of a process whose tick is another. `after_frame` may use the seconds left of each frame."""
    layer: Any = get_channel_layer()
    return Gateway(layer, limits(environment), distributed=True, after_frame=after_frame)


class AllInOne:
    """A gateway and a tick in one process, joined by a channel layer in memory as they would be across processes."""

    def __init__(self, environment: Environment, *, after_tick: AfterTick | None = None) -> None:
        """Make both; nothing runs yet. `after_tick` may use the seconds that are left of each tick."""
        layer: Any = InMemoryChannelLayer()  # also where a Redis is set: this process is complete
        authority = Always(int(time.time()) % EPOCH_LIMIT)
        players = Players(_grace_ticks(environment))
        inbox = Inbox(players, authority.epoch)
        self._loop = _loop(environment, players, inbox, layer=layer, authority=authority, after_tick=after_tick)
        self._listener = Member(
            layer, on_message=self._loop.receive, wanted=lambda: frozenset({UPLINK_GROUP}), echo=False
        )
        self.gateway = Gateway(layer, limits(environment))
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, on_death: OnDeath = lambda _name: None) -> None:
        """Start both in the running loop; once. `on_death` hears of a part that ended by itself."""
        if not self._tasks:
            self._tasks = [
                start(self._listener.run(), "listener", on_death),
                start(self._loop.run(), "tick", on_death),
            ]
            self.gateway.start(on_death)

    def stop(self) -> None:
        """Cancel both."""
        self.gateway.stop()
        for task in self._tasks:
            task.cancel()
        self._tasks = []


class TickProcess:
    """A tick that shares a Redis with gateways, and perhaps with another tick."""

    def __init__(
        self, environment: Environment, *, beat: Callable[[], None], after_tick: AfterTick | None = None
    ) -> None:
        """Make it; nothing runs yet. `beat` is called as long as it makes progress."""
        layer: Any = get_channel_layer()
        lease = Lease(client(environment.redis_url), environment.redis_prefix)

        def make_loop(players: Players, inbox: Inbox) -> TickLoop:
            return _loop(environment, players, inbox, layer=layer, authority=lease, after_tick=rest)

        def rest(seconds: float) -> None:
            beat()
            if after_tick is not None:
                after_tick(seconds)

        self.leader = Leader(
            lease,
            make_loop,
            grace_ticks=_grace_ticks(environment),
            disconnected=lambda: self._listener.disconnected(),  # noqa: PLW0108  # the listener is made below
            beat=beat,
        )
        self._listener = Member(
            layer, on_message=self.leader.receive, wanted=lambda: frozenset({UPLINK_GROUP}), echo=True
        )
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, on_death: OnDeath) -> None:
        """Start in the running loop; `on_death` hears of a part that ended by itself."""
        self._tasks = [
            start(self._listener.run(), "listener", on_death),
            start(self.leader.run(), "tick", on_death),
        ]

    async def stop(self) -> None:
        """Hand the world over and end."""
        await self.leader.stop()
        await end(*self._tasks)


def _grace_ticks(environment: Environment) -> int:
    return math.ceil(environment.resume_grace_seconds * TICK_RATE)


def _loop(
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
        random=Random(),  # noqa: S311  # where ships appear is no secret
        max_ships=environment.max_ships,
    )
    publisher = Publisher(layer, authority)
    if environment.test_tick_work_ms:
        work_s = environment.test_tick_work_ms / 1000
        return SlowTickLoop(world, players, inbox, publisher, authority=authority, after_tick=after_tick, work_s=work_s)
    return TickLoop(world, players, inbox, publisher, authority=authority, after_tick=after_tick)


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
