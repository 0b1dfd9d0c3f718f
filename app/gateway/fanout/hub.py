"""The fan-out: each snapshot becomes one frame per language, and each frame goes to every socket that wants it.

A replica's socket is *in step* when the last frame written to it was that of the last snapshot; then the next delta
fits. Any other socket (new, back from a pause, skipped a frame, asked for it) gets the keyframe. Skips are counted.
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
"""A set that keeps its order, so that each socket's frames go out at the same moment of every tick."""


class Audience(Protocol):
    """The sockets of an arena that speak one language."""

    def add(self, sink: Sink) -> None:
        """Let `sink` receive frames, from a whole one on; adding it again asks for a whole one again."""

    def remove(self, sink: Sink) -> None:
        """Let `sink` receive nothing more; unknown sinks are ignored."""

    def deliver(self, snapshot: Snapshot) -> None:
        """Write the frame of `snapshot` to every sink."""

    def __len__(self) -> int:
        """Return the number of sinks."""


class Pictures:
    """Sockets to which every frame is whole, so that a skipped one does no harm."""

    def __init__(self, encode: Callable[[Snapshot], Frame]) -> None:
        """Take the encoding of a snapshot."""
        self._encode = encode
        self._sinks: _Sinks = {}

    def __len__(self) -> int:
        """Return the number of sinks."""
        return len(self._sinks)

    def add(self, sink: Sink) -> None:
        """Add `sink`."""
        self._sinks[sink] = None

    def remove(self, sink: Sink) -> None:
        """Remove `sink`."""
        self._sinks.pop(sink, None)

    def deliver(self, snapshot: Snapshot) -> None:
        """Encode once, offer to all."""
        if self._sinks:
            _offer(self._sinks, self._encode(snapshot))


class Replicas:
    """Sockets whose clients simulate: deltas for those in step, keyframes for the others."""

    def __init__(self) -> None:
        """Start empty."""
        self._in_step: _Sinks = {}
        self._waiting: _Sinks = {}
        self._last: Snapshot | None = None

    def __len__(self) -> int:
        """Return the number of sinks."""
        return len(self._in_step) + len(self._waiting)

    def add(self, sink: Sink) -> None:
        """Give `sink` the keyframe with the next snapshot."""
        self._in_step.pop(sink, None)
        self._waiting[sink] = None

    def remove(self, sink: Sink) -> None:
        """Remove `sink`."""
        self._in_step.pop(sink, None)
        self._waiting.pop(sink, None)

    def deliver(self, snapshot: Snapshot) -> None:
        """Write the delta to those in step and the keyframe to the others."""
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
        """Offer a frame to `sinks`; those that skip it wait from now on."""
        for sink in _offer(sinks, shared):
            del sinks[sink]
            self._waiting[sink] = None


class Arena:
    """All sockets of one arena, by language."""

    def __init__(self) -> None:
        """Start empty."""
        self.replicas = Replicas()
        self.pictures = Pictures(_full_frame)
        self.tutorial = Pictures(_tutorial_frame)

    def __len__(self) -> int:
        """Return the number of sockets."""
        return len(self.replicas) + len(self.pictures) + len(self.tutorial)

    def deliver(self, snapshot: Snapshot) -> None:
        """Write `snapshot` to every socket in its language."""
        self.replicas.deliver(snapshot)
        self.pictures.deliver(snapshot)
        self.tutorial.deliver(snapshot)


class Hub:
    """The arenas that have sockets in this process; frames of an older epoch or tick are dropped."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Take a monotonic clock in seconds, for the cost of a fan-out."""
        self._clock = clock
        self._arenas: dict[int, Arena] = {}
        self._newest: dict[int, tuple[int, int]] = {}

    def arena(self, number: int) -> Arena:
        """Return the arena of that number, new if need be."""
        return self._arenas.setdefault(number, Arena())

    def occupied(self) -> frozenset[int]:
        """Return the arenas that have sockets, and forget the others."""
        for number in [number for number, arena in self._arenas.items() if not len(arena)]:
            del self._arenas[number]
            self._newest.pop(number, None)
        return frozenset(self._arenas)

    def deliver(self, snapshot: Snapshot) -> None:
        """Fan `snapshot` out, unless it is not newer than what was fanned out before."""
        arena = self._arenas.get(snapshot.arena)
        if arena is None:
            return
        moment = (snapshot.epoch, snapshot.tick)
        if moment <= self._newest.get(snapshot.arena, (0, -1)):
            metrics.FRAMES_SKIPPED.labels("old").inc()
            return
        self._newest[snapshot.arena] = moment
        started = self._clock()
        arena.deliver(snapshot)
        metrics.FANOUT.observe(self._clock() - started)


def _offer(sinks: _Sinks, shared: Frame) -> list[Sink]:
    """Offer one frame to all; return those that skipped it."""
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
