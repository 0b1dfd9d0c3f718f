"""The role `tick`: the simulation. At SIGTERM it stores the world in Redis and releases the lease for a successor."""

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Any, Final

import uvloop
from channels.layers import get_channel_layer

from app.layer.member import Member
from app.layer.redis import client
from app.observability.health import Health
from app.observability.lag import watch
from app.observability.private_port import PrivatePortError
from app.processes.private_port import private_port
from app.processes.simulation import AfterTick, grace_ticks, tick_loop
from app.processes.task_end import OnTaskEnd, failure
from app.runtime.garbage import GarbageCollection
from app.runtime.tasks import end, start
from app.settings.environment import Environment
from app.tick.inbox import Inbox
from app.tick.leader import Leader
from app.tick.lease import Lease
from app.tick.loop import TickLoop
from app.tick.players import Players
from app.wire.channels import UPLINK_GROUP

HAND_OVER_S: Final = 3.0  # longest time for the last checkpoint


class TickProcess:
    """A tick that shares a Redis with gateways, and perhaps with another tick."""

    def __init__(
        self, environment: Environment, *, beat: Callable[[], None], after_tick: AfterTick | None = None
    ) -> None:
        """Make its objects, without starting them. `beat` is called as long as the tick makes progress."""
        layer: Any = get_channel_layer()
        lease = Lease(client(environment.redis_url), environment.redis_prefix)

        def make_loop(players: Players, inbox: Inbox) -> TickLoop:
            return tick_loop(environment, players, inbox, layer=layer, authority=lease, after_tick=rest)

        def rest(seconds: float) -> None:
            beat()
            if after_tick is not None:
                after_tick(seconds)

        self.leader = Leader(
            lease,
            make_loop,
            grace_ticks=grace_ticks(environment),
            disconnected=lambda: self._listener.disconnected(),  # noqa: PLW0108  # the listener is made below
            beat=beat,
        )
        self._listener = Member(
            layer, on_message=self.leader.receive, wanted=lambda: frozenset({UPLINK_GROUP}), echo=True
        )
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, on_task_end: OnTaskEnd) -> None:
        """Start the tasks in the running loop."""
        self._tasks = [
            start(self._listener.run(), "listener", on_task_end),
            start(self.leader.run(), "tick", on_task_end),
        ]

    async def stop(self) -> None:
        """Store the world, release the lease and end the tasks."""
        await self.leader.stop()
        await end(*self._tasks)


def run(environment: Environment, announce: Callable[[str], None]) -> str | None:
    """Run until SIGINT or SIGTERM. Return a sentence if that failed."""
    health = Health()
    port = private_port(environment, health, role="tick")
    try:
        port.start()
    except PrivatePortError as error:
        return str(error)
    try:
        return uvloop.run(_run(environment, announce, health))
    finally:
        port.stop()


async def _run(environment: Environment, announce: Callable[[str], None], health: Health) -> str | None:
    ended: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def stop(reason: str | None = None) -> None:
        if not ended.done():
            ended.set_result(reason)

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)

    def on_task_end(name: str) -> None:
        stop(failure(name))

    process = TickProcess(environment, beat=health.beat, after_tick=GarbageCollection(time.monotonic).collect_within)
    leader = process.leader
    health.ready = lambda: None if leader.reached else "Redis has not answered yet."
    process.start(on_task_end)
    # Without a beat: this task makes progress even if the task that moves the world does not.
    lag = start(watch(None), "lag", on_task_end)
    announce("The tick runs: it moves the world, or waits for the lease to do so. Ctrl-C stops it.")
    reason = await ended
    lag.cancel()
    try:
        await asyncio.wait_for(process.stop(), HAND_OVER_S)
    except TimeoutError:
        return reason or "Stopped without handing the world over: Redis did not answer."
    return reason
