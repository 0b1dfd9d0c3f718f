"""The fan-out: each tick of an arena becomes one message per kind of client, and each message goes to many sockets.

`advance` takes the ticks that arrived, and `write` writes them. If several ticks of an arena arrived together, replicas
get them in one message.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.gateway.fanout import frame
from app.gateway.fanout.frame import Frame
from app.gateway.fanout.keyframe_budget import KeyframeBudget
from app.gateway.fanout.pictures import Pictures
from app.gateway.fanout.replicas import Replicas
from app.gateway.socket.sink import Sink
from app.observability import metrics
from app.wire import outputs, tutorial
from app.wire.snapshot import Snapshot


class Audience(Protocol):
    """The sockets of an arena that use the same protocol."""

    def remove(self, sink: Sink) -> None:
        """Send nothing more to `sink`. Unknown sinks are ignored."""


class Arena:
    """All sockets of one arena, by protocol."""

    def __init__(self, budget: KeyframeBudget) -> None:
        self.replicas = Replicas(budget)
        self.pictures = Pictures(_full_frame)
        self.tutorial = Pictures(_tutorial_frame)
        self._newest = (0, -1)  # epoch and tick
        self._turn = 0  # how often it was written to

    def __len__(self) -> int:
        return len(self.replicas) + len(self.pictures) + len(self.tutorial)

    def is_newer(self, snapshot: Snapshot) -> bool:
        return (snapshot.epoch, snapshot.tick) > self._newest

    def advance(self, snapshot: Snapshot) -> None:
        self._newest = (snapshot.epoch, snapshot.tick)
        for audience in (self.replicas, self.pictures, self.tutorial):
            audience.advance(snapshot)

    def write(self, phases: int) -> None:
        """Write to a share of the sockets: one of `phases`, in turn."""
        self._turn += 1
        for audience in (self.replicas, self.pictures, self.tutorial):
            audience.write(self._turn, phases)


@dataclass(frozen=True, slots=True)
class Written:
    """What one call of `write` did."""

    ticks: int  # most ticks of an arena: more than 1 if this process is late
    seconds: float


class Hub:
    """The arenas that have sockets in this process."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """`clock` measures the duration of a fan-out, in seconds."""
        self._clock = clock
        self._arenas: dict[int, Arena] = {}
        self._unwritten: dict[int, int] = {}  # ticks by arena
        self._budget = KeyframeBudget(clock)

    def arena(self, number: int) -> Arena:
        """Return the arena of that number, and create it if it is new."""
        if number not in self._arenas:
            self._arenas[number] = Arena(self._budget)
        return self._arenas[number]

    def occupied(self) -> frozenset[int]:
        """Return the arenas that have sockets, and remove the others."""
        for number in [number for number, arena in self._arenas.items() if not len(arena)]:
            del self._arenas[number]
        return frozenset(self._arenas)

    def is_newer(self, snapshot: Snapshot) -> bool:
        """Return True if no snapshot of that epoch and tick, or of later ones, was taken for the arena."""
        arena = self._arenas.get(snapshot.arena)
        return arena is None or arena.is_newer(snapshot)

    def advance(self, snapshot: Snapshot) -> None:
        """Take a snapshot, without writing it. It must be newer than the one before."""
        arena = self._arenas.get(snapshot.arena)
        if arena is not None:
            arena.advance(snapshot)
            self._unwritten[snapshot.arena] = self._unwritten.get(snapshot.arena, 0) + 1

    def write(self, phases: int = 1) -> Written:
        """Write what was taken since the last call, to one of `phases` shares of the sockets."""
        began = started = self._clock()
        unwritten, self._unwritten = self._unwritten, {}
        for number in unwritten:
            if number in self._arenas:
                self._arenas[number].write(phases)
                ended = self._clock()
                metrics.FANOUT.observe(ended - started)
                started = ended
        return Written(max(unwritten.values(), default=0), started - began)


def _full_frame(snapshot: Snapshot) -> Frame:
    return frame.binary(outputs.encode_full(snapshot.epoch, snapshot.tick, snapshot.records))


def _tutorial_frame(snapshot: Snapshot) -> Frame:
    return frame.text(tutorial.encode_state(snapshot.records))
