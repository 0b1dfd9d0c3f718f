"""The gateway of one process: owns all connections, the relay, the hub, the uplink, the sweep and the pause."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from channels.layers import BaseChannelLayer

from app.gateway.fanout.hub import Hub
from app.gateway.fanout.pressure import Pressure
from app.gateway.fanout.relay import Relay
from app.gateway.limits import Limits
from app.gateway.player.alignment import Alignment
from app.gateway.player.connection import Connection
from app.gateway.player.uplink import Uplink
from app.gateway.player.uplink_sender import UplinkSender
from app.gateway.socket.admission import Admission
from app.gateway.socket.sink import Sink
from app.observability import metrics
from app.runtime.idle_time import IdleTime
from app.runtime.tasks import start
from app.wire.outputs import TICK_RATE
from app.wire.snapshot import Snapshot

SWEEP_S: Final = 0.05  # seconds between checks of a share of the sockets
SHARES: Final = 10  # sweeps for all sockets: a limit is enforced at most 0.5 s late, and no sweep delays a frame
RENEW_S: Final = 3.0  # seconds without any frame before the subscription is renewed, because it may be lost
SILENCE_S: Final = 0.5  # seconds without any frame before players receive that the world is paused

logger = logging.getLogger(__name__)


class Gateway:
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
        """`layer` connects to the tick; `distributed` means that the tick is another process, which can be lost.

        `after_frame` is called with the seconds that remain after a frame was sent. `wall` is a clock that all
        processes share.
        """
        self.limits = limits
        self.clock = clock
        self.hub = Hub()
        self.pressure = Pressure(clock)
        self.uplink = Uplink(lambda version: self.relay.seen(version), clock)  # noqa: PLW0108  # the relay is made below
        self.admission = Admission(limits, clock)
        self._wall = wall
        self._idle_time = IdleTime(after_frame, clock, 1 / TICK_RATE)
        self.relay = Relay(
            layer, on_snapshots=self._deliver, on_answer=self.uplink.receive, wanted=self.hub.occupied, echo=distributed
        )
        self._alignment = Alignment()
        self._sender = UplinkSender(
            self.uplink, layer, lambda: self.relay.channel, lambda: self._alignment.wait(self.clock())
        )
        self._connections: set[Connection] = set()
        self._unswept: list[Connection] = []
        self._share_size = 0
        self._numbers = 0
        self._last_frame = self._renewed_at = clock()
        self.paused = False
        self.seen_a_frame = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, on_death: Callable[[str], None] = lambda _name: None) -> None:
        """Start the tasks in the running loop, unless they run. `on_death` gets the name of a task that ended."""
        if not self._tasks:
            self._tasks = [
                start(self.relay.run(), "relay", on_death),
                start(self._sender.run(), "uplink", on_death),
                start(self._sweep_forever(), "sweep", on_death),
            ]

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    def meets_a_tick(self) -> bool:
        """Return True if a tick answered this process or sent it a frame."""
        return self.seen_a_frame or (self.relay.channel is not None and self.uplink.epoch > 0)

    def wants_changed(self) -> None:
        """Let the relay check again which arenas have players."""
        self.relay.wants_changed()

    def open(self, sink: Sink, *, subprotocol: str | None) -> Connection:
        """Start the session of an accepted socket. Its messages go to `controls` of the returned connection."""
        self._numbers += 1
        connection = Connection(self, sink, number=self._numbers, subprotocol=subprotocol)
        self._connections.add(connection)
        metrics.CONNECTIONS.inc()
        return connection

    def end(self, connection: Connection, code: int) -> None:
        """Remove a connection whose socket closed with `code`."""
        self._connections.discard(connection)
        metrics.CONNECTIONS.dec()
        connection.end(code)

    def open_connections(self) -> list[Connection]:
        """Return the connections that are not closing."""
        return [connection for connection in self._connections if connection.close_code is None]

    def open_now(self) -> int:
        return len(self._connections)

    def ended(self) -> int:
        """Return how many sockets have ended since the start of the process."""
        return self._numbers - len(self._connections)

    def sweep(self) -> None:
        """Enforce the time limits of some sockets, and send all players the pause when no frames come."""
        now = self.clock()
        self.pressure.check()
        self.admission.overloaded = self.pressure.exhausted
        for connection in self._share():
            connection.check(now)
        if not self.hub.occupied() and not self.uplink.waiting():
            self._last_frame, self.paused = now, False  # no player watches, so no frame is due
        elif not self.paused and now - self._last_frame > SILENCE_S:
            self._set_paused(paused=True)
        if self.paused and now - max(self._last_frame, self._renewed_at) > RENEW_S:
            self._renewed_at = now
            self.relay.renew()  # the tick may be gone, or only the subscription
        self._idle_time.without_frame()

    def _share(self) -> list[Connection]:
        """Return the next part, of SHARES equal ones, of the connections."""
        if not self._unswept:
            self._unswept = list(self._connections)
            self._share_size = -(
                -len(self._connections) // SHARES
            )  # fixed for a round: connections may leave meanwhile
        share, self._unswept = self._unswept[: self._share_size], self._unswept[self._share_size :]
        return share

    def _deliver(self, snapshots: list[Snapshot]) -> None:
        """Send `snapshots`, in order, to all who watch their arenas."""
        taken = [snapshot for snapshot in snapshots if self._take(snapshot)]
        if not taken:
            return
        self._last_frame = self.clock()
        self._alignment.frame(self._last_frame, self._wall() - taken[-1].published)
        self.seen_a_frame = True
        if self.paused:
            self._set_paused(paused=False)
        written = self.hub.write(self.pressure.phases)
        self.pressure.note(written.ticks, written.seconds)
        self._idle_time.after_frame()

    def _take(self, snapshot: Snapshot) -> bool:
        """Give `snapshot` to the hub, unless its epoch or its tick is not the newest."""
        if not (self.uplink.note_epoch(snapshot.epoch) and self.hub.is_newer(snapshot)):
            metrics.FRAMES_SKIPPED.labels("old").inc()
            return False
        metrics.RELAY_AGE.observe(max(0.0, self._wall() - snapshot.published))
        self.hub.advance(snapshot)
        return True

    def _set_paused(self, *, paused: bool) -> None:
        self.paused = paused
        for connection in list(self._connections):
            connection.send_status(paused=paused)

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self.sweep()
