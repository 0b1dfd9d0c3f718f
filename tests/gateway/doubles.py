"""Recording doubles for the neighbours of a session, a hub, an uplink or a connection, and builders of messages."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from app.gateway.fanout.frame import Frame
from app.gateway.fanout.hub import Hub
from app.gateway.limits import Limits
from app.gateway.player.controls import Controls
from app.gateway.player.ticket import Ticket
from app.gateway.player.uplink import ANONYMOUS, Uplink
from app.observability import metrics
from app.wire import formats, uplink
from app.wire.close_codes import CloseCode
from app.wire.outputs import Welcome
from app.wire.records import SHIP
from app.wire.snapshot import Snapshot
from app.wire.uplink import Answer, Batch

EPOCH = 7


def limits(**changed: Any) -> Limits:
    """Return the limits of a process that accepts all sockets, with some `changed`."""
    return replace(
        Limits(
            sockets_per_process=0,
            sockets_per_address=0,
            trusted_proxies=(),
            accepts_per_second=0,
            accept_burst=1,
            messages_per_second=60,
            message_burst=240,
            write_buffer_bytes=65_536,
            stall_s=3.0,
            hello_timeout_s=5.0,
            ping_interval_s=20.0,
            ping_timeout_s=30.0,
        ),
        **changed,
    )


class RecordingActions:
    """Actions that record each call as a tuple."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    @property
    def sent(self) -> list[bytes]:
        return [call[1] for call in self.calls if call[0] == "send"]

    def taken(self) -> list[tuple[Any, ...]]:
        """Return the calls since the last time."""
        calls, self.calls = self.calls, []
        return calls

    def join(self, ticket: bytes | None) -> None:
        self.calls.append(("join", ticket))

    def steer(self, message: bytes) -> None:
        self.calls.append(("steer", message))

    def send(self, frame: Frame) -> None:
        self.calls.append(("send", frame.payload))

    def watch(self, *, full: bool, sparse: bool = False) -> None:
        self.calls.append(("watch", "sparse") if sparse else ("watch", full))

    def unwatch(self) -> None:
        self.calls.append(("unwatch",))

    def refuse(self, reason: str) -> None:
        self.calls.append(("refuse", reason))

    def close(self, code: CloseCode, reason: str) -> None:
        self.calls.append(("close", code, reason))


class RecordingSink:
    """A Sink that keeps its frames. While `blocked`, it skips frames of the world."""

    def __init__(self) -> None:
        self.blocked = False
        self.blocked_since: float | None = None
        self.frames: list[Frame] = []
        self.controls: list[Frame] = []
        self.closed: tuple[int, str] | None = None
        self.pinged_since: float | None = None
        self.pings = 0
        self.waiting = 0  # bytes for the peer

    def pending(self) -> int:
        return self.waiting

    def offer(self, frame: Frame) -> bool:
        if not self.blocked:
            self.frames.append(frame)
        return not self.blocked

    def control(self, frame: Frame) -> None:
        self.controls.append(frame)

    def ping(self) -> None:
        self.pings += 1

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


class RecordingReceiver:
    """A Receiver that keeps all messages."""

    def __init__(self) -> None:
        self.received: list[bytes | str] = []

    def receive_bytes(self, data: bytes) -> None:
        self.received.append(data)

    def receive_text(self, text: str) -> None:
        self.received.append(text)


class RecordingPlayer:
    """A Player in an uplink that keeps its welcomes. Like a connection it owns its controls and leaves when refused."""

    def __init__(self, uplink: Uplink, session: int = 1, who: Ticket = ANONYMOUS) -> None:
        self.welcomes: list[Welcome] = []
        self.turned_away = False
        self.replaced = False
        self.controls = Controls(
            (60.0, 240.0), 0.0, rows=uplink.input_rows, session=RecordingReceiver(), on_flood=lambda: None
        )
        self._uplink = uplink
        self._session = session
        uplink.join(session, self, who)

    def ship_assigned(self, welcome: Welcome) -> None:
        self.controls.assign(welcome.ship)
        self.welcomes.append(welcome)

    def world_full(self) -> None:
        self.turned_away = True
        self.leave()

    def superseded(self) -> None:
        self.replaced = True
        self.leave()

    def leave(self) -> None:
        self.controls.unassign()
        self._uplink.leave(self._session)


class FakeGateway:
    """A GatewayContext with a clock that is set by hand."""

    def __init__(self, **changed_limits: Any) -> None:
        self.hub = Hub()
        self.uplink = Uplink()
        self.limits = limits(**changed_limits)
        self.now = 1000.0
        self.changes = 0
        self.paused = False

    def clock(self) -> float:
        return self.now

    def wants_changed(self) -> None:
        self.changes += 1


class Counting:
    """The increase of the counters of refusals, closes and skips since the construction."""

    def __init__(self) -> None:
        self._before = self._now()

    def moved(self) -> dict[str, float]:
        """Return the increase of each label that changed."""
        before, now = self._before, self._now()
        return {label: count - before.get(label, 0) for label, count in now.items() if count != before.get(label, 0)}

    def _now(self) -> dict[str, float]:
        return {
            next(iter(sample.labels.values())): sample.value
            for counter in (metrics.REFUSALS, metrics.CLOSES, metrics.FRAMES_SKIPPED, metrics.BATCHES_REFUSED)
            for family in counter.collect()
            for sample in family.samples
            if sample.name.endswith("_total")
        }


def answer(
    *berths: tuple[int, int, int, int, int],
    epoch: int = EPOCH,
    roster_wanted: bool = False,
    reads: int = formats.FORMAT,
    tick: int = 100,
) -> Answer:
    """Return an answer with rows of session, generation, ship, arena and verdict."""
    rows = np.array(list(berths), dtype=uplink.BERTH).tobytes()
    return Answer(formats.common(reads), epoch, tick, rows, roster_wanted, reads)


def rows(batch: Batch) -> list[tuple[int, ...]] | None:
    """Return the roster of a batch: session, player, generation, ship and arena."""
    return None if batch.roster is None else uplink.entries(batch.roster).tolist()


def steers(batch: Batch) -> list[tuple[int, ...]]:
    """Return the inputs of a batch: ship, sequence, heading and thrust."""
    table = np.frombuffer(batch.steers, dtype=uplink.STEER)
    return [tuple(row) for row in table[["ship", "sequence", "heading", "thrusting"]].tolist()]


def snapshot(tick: int, *ids: int, steps: int = 1, arena: int = 0, epoch: int = EPOCH) -> Snapshot:
    """Return a snapshot of ships at rest, each at its own place."""
    ships = np.zeros(len(ids), dtype=SHIP)
    ships["id"] = sorted(ids)
    ships["x"] = ships["y"] = ships["id"]
    return Snapshot(arena, epoch, tick, steps, 0.0, ships)


async def turns(condition: Callable[[], object], limit: int = 1000) -> None:
    """Let the event loop turn until `condition` holds. No time passes."""
    for _ in range(limit):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("the condition never held")
