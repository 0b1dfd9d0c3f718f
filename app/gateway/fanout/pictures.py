"""The sockets of one arena that get only whole frames, so that a skipped frame needs no correction."""

from collections.abc import Callable

from app.gateway.fanout.frame import Frame
from app.gateway.fanout.slots import Slots
from app.gateway.fanout.writing import offer_all
from app.gateway.socket.sink import Sink
from app.observability import metrics
from app.wire.snapshot import Snapshot


class SinkSet(dict[Sink, None]):
    """An ordered set, so that each socket gets its frames at the same moment of every tick."""

    def add(self, sink: Sink) -> None:
        self[sink] = None

    def remove(self, sink: Sink) -> None:
        del self[sink]


class Pictures:
    """Sockets of one protocol."""

    def __init__(self, encode: Callable[[Snapshot], Frame]) -> None:
        self._encode = encode
        self._slots = Slots(SinkSet)
        self._newest: Snapshot | None = None

    def __len__(self) -> int:
        return len(self._slots)

    def add(self, sink: Sink) -> None:
        """Send frames to `sink`. Adding it again has no effect."""
        if sink not in self._slots:
            self._slots.add(sink)

    def remove(self, sink: Sink) -> None:
        """Send nothing more to `sink`. Unknown sinks are ignored."""
        self._slots.remove(sink)

    def advance(self, snapshot: Snapshot) -> None:
        """Take a later snapshot, without writing."""
        self._newest = snapshot

    def write(self, turn: int, phases: int) -> None:
        """Write the newest snapshot to the sockets that are due in this turn. The others skip it."""
        if self._newest is None or not len(self):
            return
        shared = self._encode(self._newest)
        written = 0
        for sinks in self._slots.due(turn, phases):
            offer_all(sinks, shared)
            written += len(sinks)
        if written < len(self):
            metrics.FRAMES_SKIPPED.labels("overload").inc(len(self) - written)
