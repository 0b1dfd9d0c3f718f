"""The fan-out: each snapshot becomes one frame per protocol, and each frame goes to every socket that watches.

A replica's socket is *in step* when the last frame written to it was the frame of the last snapshot; then the next
delta fits. Any other socket gets the keyframe: a new one, one after a pause or a skipped frame, or one that sent
RESYNC. Skips are counted.
"""

import time
from collections.abc import Callable
from typing import Final, Protocol

from app.gateway.fanout import frame
from app.gateway.fanout.frame import Frame
from app.gateway.socket.sink import Sink
from app.observability import metrics
from app.wire import delta, outputs, tutorial
from app.wire.snapshot import Snapshot

CHECKSUM_TICKS: Final = 20  # ticks between checksums: once a second


_Sinks = dict[Sink, None]
"""An ordered set, so that each socket receives its frames at the same moment of every tick."""


class Audience(Protocol):
    """The sockets of an arena that use the same protocol."""

    def add(self, sink: Sink) -> None:
        """Send frames to `sink`, starting with a full one. Adding it again makes the next one full."""

    def remove(self, sink: Sink) -> None:
        """Send nothing more to `sink`. Unknown sinks are ignored."""

    def deliver(self, snapshot: Snapshot) -> None: ...

    def __len__(self) -> int: ...


class Pictures:
    """Sockets that receive only full frames, so that a skipped frame needs no correction."""

    def __init__(self, encode: Callable[[Snapshot], Frame]) -> None:
        self._encode = encode
        self._sinks: _Sinks = {}

    def __len__(self) -> int:
        return len(self._sinks)

    def add(self, sink: Sink) -> None:
        self._sinks[sink] = None

    def remove(self, sink: Sink) -> None:
        self._sinks.pop(sink, None)

    def deliver(self, snapshot: Snapshot) -> None:
        if self._sinks:
            _offer(self._sinks, self._encode(snapshot))


class Replicas:
    """Sockets whose clients simulate: they receive deltas while in step, and keyframes otherwise."""

    def __init__(self) -> None:
        self._in_step: _Sinks = {}
        self._waiting: _Sinks = {}
        self._last: Snapshot | None = None

    def __len__(self) -> int:
        return len(self._in_step) + len(self._waiting)

    def add(self, sink: Sink) -> None:
        self._in_step.pop(sink, None)
        self._waiting[sink] = None

    def remove(self, sink: Sink) -> None:
        self._in_step.pop(sink, None)
        self._waiting.pop(sink, None)

    def deliver(self, snapshot: Snapshot) -> None:
        last, self._last = self._last, snapshot
        waiting, self._waiting = self._waiting, {}
        if last is None or not snapshot.follows(last) or snapshot.steps > delta.MAX_STEPS:
            waiting, self._in_step = {**self._in_step, **waiting}, {}
        elif self._in_step:
            self._offer(self._in_step, _delta_frame(last, snapshot))
        if waiting:
            self._offer(waiting, _keyframe(snapshot))
            self._in_step.update(waiting)

    def _offer(self, sinks: _Sinks, shared: Frame) -> None:
        """Offer a frame to `sinks`. Those that skip it wait for a keyframe."""
        for sink in _offer(sinks, shared):
            del sinks[sink]
            self._waiting[sink] = None


class Arena:
    """All sockets of one arena, by protocol."""

    def __init__(self) -> None:
        self.replicas = Replicas()
        self.pictures = Pictures(_full_frame)
        self.tutorial = Pictures(_tutorial_frame)
        self._newest = (0, -1)  # epoch and tick

    def __len__(self) -> int:
        return len(self.replicas) + len(self.pictures) + len(self.tutorial)

    def is_newer(self, snapshot: Snapshot) -> bool:
        return (snapshot.epoch, snapshot.tick) > self._newest

    def deliver(self, snapshot: Snapshot) -> None:
        self._newest = (snapshot.epoch, snapshot.tick)
        self.replicas.deliver(snapshot)
        self.pictures.deliver(snapshot)
        self.tutorial.deliver(snapshot)


class Hub:
    """The arenas that have sockets in this process."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """`clock` measures the duration of a fan-out, in seconds."""
        self._clock = clock
        self._arenas: dict[int, Arena] = {}

    def arena(self, number: int) -> Arena:
        """Return the arena of that number, and create it if it is new."""
        return self._arenas.setdefault(number, Arena())

    def occupied(self) -> frozenset[int]:
        """Return the arenas that have sockets, and remove the others."""
        for number in [number for number, arena in self._arenas.items() if not len(arena)]:
            del self._arenas[number]
        return frozenset(self._arenas)

    def is_newer(self, snapshot: Snapshot) -> bool:
        """Return True if no snapshot of that epoch and tick, or of later ones, was delivered to the arena."""
        arena = self._arenas.get(snapshot.arena)
        return arena is None or arena.is_newer(snapshot)

    def deliver(self, snapshot: Snapshot) -> None:
        """Send `snapshot` to every socket of its arena. It must be newer than the one before."""
        arena = self._arenas.get(snapshot.arena)
        if arena is None:
            return
        started = self._clock()
        arena.deliver(snapshot)
        metrics.FANOUT.observe(self._clock() - started)


def _offer(sinks: _Sinks, shared: Frame) -> list[Sink]:
    """Offer one frame to all. Return the sinks that skipped it."""
    missed = [sink for sink in list(sinks) if not sink.offer(shared)]
    if missed:
        metrics.FRAMES_SKIPPED.labels("slow").inc(len(missed))
    return missed


def _delta_frame(before: Snapshot, after: Snapshot) -> Frame:
    payload = delta.encode(before, after)
    if after.tick % CHECKSUM_TICKS < after.steps:
        payload += outputs.encode_checksum(after.records)
    return frame.binary(payload)


def _keyframe(snapshot: Snapshot) -> Frame:
    return frame.binary(outputs.encode_keyframe(snapshot.epoch, snapshot.tick, snapshot.records))


def _full_frame(snapshot: Snapshot) -> Frame:
    return frame.binary(outputs.encode_full(snapshot.epoch, snapshot.tick, snapshot.records))


def _tutorial_frame(snapshot: Snapshot) -> Frame:
    return frame.text(tutorial.encode_state(snapshot.records))
