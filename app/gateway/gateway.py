"""The gateway of one process: all its connections, its hub, its way up and its way down, and their shared timer."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from channels.layers import BaseChannelLayer

from app.gateway.connection import Connection
from app.gateway.helm import Receiver
from app.gateway.hub import Hub
from app.gateway.limits import Admission, Limits
from app.gateway.relay import Relay
from app.gateway.sink import Sink
from app.gateway.uplink import Uplink
from app.observability import metrics
from app.observability.tasks import start
from app.wire.snapshot import Snapshot

SWEEP_S: Final = 0.05  # seconds between looks at a share of the sockets
SHARES: Final = 10  # sweeps for all sockets: a limit is enforced 0.5 s late at most, and no sweep holds up a frame
SILENCE_S: Final = 0.5  # seconds without any frame before players are told that the world stands still

logger = logging.getLogger(__name__)


class Gateway:
    """Everything that the sockets of a process share."""

    def __init__(
        self,
        layer: BaseChannelLayer,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Take the channel layer that leads to the tick, and the limits of this process."""
        self.limits = limits
        self.clock = clock
        self.hub = Hub()
        self.uplink = Uplink()
        self.admission = Admission(limits)
        self._wall = wall
        self._layer = layer
        self._relay = Relay(layer, on_snapshot=self._deliver, on_answer=self.uplink.receive, wanted=self.hub.occupied)
        self._connections: set[Connection] = set()
        self._unswept: list[Connection] = []
        self._numbers = 0
        self._last_frame = clock()
        self.paused = False
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

    def restart(self, reconnect_after_ms: int) -> None:
        """Say goodbye to every player and close every socket."""
        for connection in list(self._connections):
            connection.restart(reconnect_after_ms)

    def sweep(self) -> None:
        """Enforce the time limits of some sockets, and tell players when the world stands still."""
        now = self.clock()
        for connection in self._share():
            connection.check(now)
        if not self.hub.occupied() and not self.uplink.waiting():
            self._last_frame, self.paused = now, False  # nobody looks, so that no frame is due
        elif not self.paused and now - self._last_frame > SILENCE_S:
            self._set_paused(paused=True)

    def _share(self) -> list[Connection]:
        """Return the next tenth of the connections."""
        if not self._unswept:
            self._unswept = list(self._connections)
        size = -(-len(self._connections) // SHARES)
        share, self._unswept = self._unswept[:size], self._unswept[size:]
        return share

    def _deliver(self, snapshot: Snapshot) -> None:
        self._last_frame = self.clock()
        if self.paused:
            self._set_paused(paused=False)
        metrics.RELAY_AGE.observe(max(0.0, self._wall() - snapshot.published))
        self.hub.deliver(snapshot)

    def _set_paused(self, *, paused: bool) -> None:
        self.paused = paused
        for connection in list(self._connections):
            connection.paused(paused=paused)

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self.sweep()
