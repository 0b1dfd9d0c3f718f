"""The role `run`: page, gateway and tick in one process.

`socket_server` serves it; `socket_shutdown` is what happens at SIGTERM.
"""

import asyncio
import time
from typing import Any, Final

from app.gateway.gateway import Gateway
from app.layer.local import LocalChannelLayer
from app.layer.member import Member
from app.processes.gateway import limits
from app.processes.routing import asgi_application
from app.processes.simulation import AfterTick, grace_ticks, tick_loop
from app.processes.socket_role import SocketRole
from app.processes.task_end import OnTaskEnd
from app.runtime.garbage import GarbageCollection
from app.runtime.tasks import start
from app.settings.environment import Environment
from app.tick.inbox import Inbox
from app.tick.lease import Always
from app.tick.players import Players
from app.wire.channels import UPLINK_GROUP

EPOCH_LIMIT: Final = 1 << 32  # epochs are u32 on the wire


class AllInOne:
    """A gateway and a tick, joined by a channel layer in memory, as Redis joins separate processes."""

    def __init__(self, environment: Environment, *, after_tick: AfterTick | None = None) -> None:
        """Make both, without starting them. `after_tick` gets the seconds that are left of each tick."""
        layer: Any = LocalChannelLayer()  # also if a Redis is set: this process needs no other
        authority = Always(int(time.time()) % EPOCH_LIMIT)
        players = Players(grace_ticks(environment))
        inbox = Inbox(players, authority.epoch)
        self._loop = tick_loop(environment, players, inbox, layer=layer, authority=authority, after_tick=after_tick)
        self._listener = Member(
            layer, on_message=self._loop.receive, wanted=lambda: frozenset({UPLINK_GROUP}), echo=False
        )
        self.gateway = Gateway(layer, limits(environment))
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, on_task_end: OnTaskEnd = lambda _name: None) -> None:
        """Start both in the running loop. A second call has no effect."""
        if not self._tasks:
            self._tasks = [
                start(self._listener.run(), "listener", on_task_end),
                start(self._loop.run(), "tick", on_task_end),
            ]
            self.gateway.start(on_task_end)

    def stop(self) -> None:
        """Cancel the tasks of both."""
        self.gateway.stop()
        for task in self._tasks:
            task.cancel()
        self._tasks = []


def role(environment: Environment) -> SocketRole:
    garbage = GarbageCollection(time.monotonic)
    process = AllInOne(environment, after_tick=garbage.collect_within)
    garbage.watch(process.gateway)
    return SocketRole(
        name="run",
        gateway=process.gateway,
        start=process.start,
        application=asgi_application(environment, lambda: process.gateway),
        announcement="Flotilla is flying at {} - open it in a browser; Ctrl-C stops it.",
    )
