"""The gateway of one process: all its connections, its hub, its way up and its way down, and their shared timer."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from channels.layers import BaseChannelLayer

from app.gateway.fanout.hub import Hub
from app.gateway.fanout.relay import Relay
from app.gateway.limits import Limits
from app.gateway.player.connection import Connection
from app.gateway.player.controls import Receiver
from app.gateway.player.uplink import Uplink
from app.gateway.socket.admission import Admission
from app.gateway.socket.sink import Sink
from app.observability import metrics
from app.runtime.idle_time import IdleTime
from app.runtime.tasks import start
from app.wire.outputs import TICK_RATE
from app.wire.snapshot import Snapshot

SWEEP_S: Final = 0.05  # seconds between looks at a share of the sockets
SHARES: Final = 10  # sweeps for all sockets: a limit is enforced 0.5 s late at most, and no sweep holds up a frame
RENEW_S: Final = 3.0  # seconds without any frame before the subscription is made anew, on suspicion
SILENCE_S: Final = 0.5  # seconds without any frame before players are told that the world stands still

logger = logging.getLogger(__name__)


class Gateway:
    """Everything that the sockets of a process share."""

    def __init__(
        self,
        layer: BaseChannelLayer,
        limits: Limits,
        *,
        distributed: bool = False,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        after_frame: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        """Take the channel layer that leads to the tick, and the limits of this process.

        `distributed` if that tick is another process, which can be lost. `after_frame` may use the seconds that are
        left when a frame is out.
        """
        self.limits = limits
        self.clock = clock
        self.hub = Hub()
        self.uplink = Uplink(lambda version: self._relay.seen(version), clock)  # noqa: PLW0108  # the relay is made below
        self.admission = Admission(limits, clock)
        self._wall = wall
        self._idle_time = IdleTime(after_frame, clock, 1 / TICK_RATE)
        self._layer = layer
        self._relay = Relay(
            layer, on_snapshot=self._deliver, on_answer=self.uplink.receive, wanted=self.hub.occupied, echo=distributed
        )
        self._connections: set[Connection] = set()
        self._unswept: list[Connection] = []
        self._numbers = 0
        self._last_frame = self._renewed_at = clock()
        self.paused = False
        self.seen_a_frame = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, on_death: Callable[[str], None] = lambda _name: None) -> None:
        """Start the tasks of this process in the running loop; once. `on_death` hears of one that ended by itself."""
        if not self._tasks:
            self._tasks = [
                start(self._relay.run(), "relay", on_death),
                start(self.uplink.run(self._layer, lambda: self._relay.channel), "uplink", on_death),
                start(self._sweep_for_ever(), "sweep", on_death),
            ]

    def stop(self) -> None:
        """Cancel the tasks."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    def meets_a_tick(self) -> bool:
        """Tell whether this process is in touch with a tick, with or without players."""
        return self.seen_a_frame or (self._relay.channel is not None and self.uplink.epoch > 0)

    def wants_changed(self) -> None:
        """Tell the relay to look again at which arenas have players."""
        self._relay.wants_changed()

    def open(
        self, sink: Sink, *, subprotocol: str | None, deliver_to: Callable[[Receiver], None] = lambda _receiver: None
    ) -> Connection:
        """Begin the session of an accepted socket, whose messages `deliver_to` may give elsewhere."""
        self._numbers += 1
        connection = Connection(self, sink, number=self._numbers, subprotocol=subprotocol, deliver_to=deliver_to)
        self._connections.add(connection)
        metrics.CONNECTIONS.inc()
        return connection

    def end(self, connection: Connection, code: int) -> None:
        """Forget a connection whose socket is gone."""
        self._connections.discard(connection)
        metrics.CONNECTIONS.dec()
        connection.end(code)

    def staying(self) -> list[Connection]:
        """Return the connections that are open and not closing."""
        return [connection for connection in self._connections if connection.close_code is None]

    def sweep(self) -> None:
        """Enforce the time limits of some sockets, and tell players when the world stands still."""
        now = self.clock()
        for connection in self._share():
            connection.check(now)
        if not self.hub.occupied() and not self.uplink.waiting():
            self._last_frame, self.paused = now, False  # nobody looks, so that no frame is due
        elif not self.paused and now - self._last_frame > SILENCE_S:
            self._set_paused(paused=True)
        if self.paused and now - max(self._last_frame, self._renewed_at) > RENEW_S:
            self._renewed_at = now
            self._relay.renew()  # the tick may be gone, but also the subscription
        self._idle_time.without_frame()

    def _share(self) -> list[Connection]:
        """Return the next tenth of the connections."""
        if not self._unswept:
            self._unswept = list(self._connections)
        size = -(-len(self._connections) // SHARES)
        share, self._unswept = self._unswept[:size], self._unswept[size:]
        return share

    def _deliver(self, snapshot: Snapshot) -> None:
        if not self.uplink.hear(snapshot.epoch):
            metrics.FRAMES_SKIPPED.labels("old").inc()
            return
        self._last_frame = self.clock()
        self.seen_a_frame = True
        if self.paused:
            self._set_paused(paused=False)
        metrics.RELAY_AGE.observe(max(0.0, self._wall() - snapshot.published))
        self.hub.deliver(snapshot)
        self._idle_time.after_frame()

    def _set_paused(self, *, paused: bool) -> None:
        self.paused = paused
        for connection in list(self._connections):
            connection.paused(paused=paused)

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self.sweep()
