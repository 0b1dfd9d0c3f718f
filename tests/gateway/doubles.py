"""Recording doubles: what stands at the other side of a session, a hub or an uplink and notes what it hears."""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np

from app.gateway.fanout.frame import Frame
from app.gateway.fanout.hub import Hub
from app.gateway.limits import Limits
from app.gateway.player.controls import Helm
from app.gateway.player.uplink import Uplink
from app.observability import metrics
from app.wire import formats, uplink
from app.wire.close_codes import CloseCode
from app.wire.outputs import Welcome
from app.wire.records import SHIP
from app.wire.snapshot import Snapshot
from app.wire.uplink import Answer, Batch

EPOCH = 7


class RecordingPort:
    """A Port that notes each call as a tuple."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    @property
    def sent(self) -> list[bytes]:
        return [call[1] for call in self.calls if call[0] == "send"]

    def taken(self) -> list[tuple[Any, ...]]:
        """The calls since the last time."""
        calls, self.calls = self.calls, []
        return calls

    def join(self, ticket: bytes | None) -> None:
        self.calls.append(("join", ticket))

    def steer(self, message: bytes) -> None:
        self.calls.append(("steer", message))

    def send(self, frame: Frame) -> None:
        self.calls.append(("send", frame.payload))

    def watch(self, *, full: bool) -> None:
        self.calls.append(("watch", full))

    def unwatch(self) -> None:
        self.calls.append(("unwatch",))

    def refuse(self, reason: str) -> None:
        self.calls.append(("refuse", reason))

    def close(self, code: CloseCode, reason: str) -> None:
        self.calls.append(("close", code, reason))


class RecordingSink:
    """A Sink that keeps the frames that it was given; while `blocked`, it skips those of the world."""

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


class RecordingPlayer:
    """A Player that keeps its welcomes, and leaves when there is no ship for it, as a connection does."""

    def __init__(self, leave: Callable[[], None] = lambda: None) -> None:
        self.welcomes: list[Welcome] = []
        self.turned_away = False
        self.replaced = False
        self._leave = leave

    def berthed(self, welcome: Welcome) -> None:
        self.welcomes.append(welcome)

    def world_full(self) -> None:
        self.turned_away = True
        self._leave()

    def superseded(self) -> None:
        self.replaced = True
        self._leave()


def helm_of(gateway: Uplink) -> Helm:
    """A helm whose inputs go up with `gateway`."""
    return Helm(60.0, 240.0, 0.0, steers=gateway.steers, others=RecordingReceiver())


class RecordingReceiver:
    """A Receiver that keeps what it was given."""

    def __init__(self) -> None:
        self.heard: list[bytes | str] = []

    def receive_bytes(self, data: bytes) -> None:
        self.heard.append(data)

    def receive_text(self, text: str) -> None:
        self.heard.append(text)


class Surroundings:
    """What a connection needs of its gateway, with a clock that is set by hand."""

    def __init__(self, **limits: Any) -> None:
        self.hub = Hub()
        self.uplink = Uplink()
        self.limits = Limits(**limits)
        self.now = 1000.0
        self.changes = 0
        self.paused = False

    def clock(self) -> float:
        return self.now

    def wants_changed(self) -> None:
        self.changes += 1


class Counting:
    """How far refusals and closes moved since this was made."""

    def __init__(self) -> None:
        self._before = self._now()

    def moved(self) -> dict[str, float]:
        """The labels that moved, and by how much."""
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
    """What a tick says: rows of session, generation, ship, arena and verdict."""
    rows = np.array(list(berths), dtype=uplink.BERTH).tobytes()
    return Answer(formats.common(reads), epoch, tick, rows, roster_wanted, reads)


def rows(batch: Batch) -> list[tuple[int, ...]] | None:
    """The roster of a batch: session, player, generation, ship and arena."""
    return None if batch.roster is None else uplink.entries(batch.roster).tolist()


def steers(batch: Batch) -> list[tuple[int, ...]]:
    """The inputs of a batch: ship, sequence, heading and thrust."""
    said = np.frombuffer(batch.steers, dtype=uplink.STEER)
    return [tuple(row) for row in said[["ship", "sequence", "heading", "thrusting"]].tolist()]


def snapshot(tick: int, *ids: int, steps: int = 1, arena: int = 0, epoch: int = EPOCH) -> Snapshot:
    """Ships that rest, each at a place of its own."""
    ships = np.zeros(len(ids), dtype=SHIP)
    ships["id"] = sorted(ids)
    ships["x"] = ships["y"] = ships["id"]
    return Snapshot(arena, epoch, tick, steps, 0.0, ships)


async def turns(condition: Callable[[], object], limit: int = 1000) -> None:
    """Let the event loop turn until `condition` holds; no time passes."""
    for _ in range(limit):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("the condition never held")
