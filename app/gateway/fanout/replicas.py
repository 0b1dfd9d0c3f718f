"""The sockets of one arena whose clients simulate: they get deltas, and a keyframe where no delta leads on.

In each slot, the sockets that took the last write have the same position in the chain, and share one message. The
others are stragglers, each at another position. A straggler gets the deltas that it missed in one message
while that is smaller than a keyframe.
"""

from collections.abc import Iterable
from typing import Final

from app.gateway.fanout.chain import Chain, Joined
from app.gateway.fanout.frame import Frame
from app.gateway.fanout.keyframe_budget import KeyframeBudget
from app.gateway.fanout.pace import DENSE, SPARSE, Pace
from app.gateway.fanout.slots import Slots
from app.gateway.fanout.writing import offer_all
from app.gateway.socket.sink import Sink
from app.observability import metrics
from app.wire.snapshot import Snapshot

REASONS: Final = ("join", "epoch", "gap", "slow", "resync")
"""Why a socket needs a keyframe; the first ones go first. A client can request one at will, so RESYNC goes last."""


class Cohort:
    """The sockets of one slot."""

    def __init__(self) -> None:
        self.position = -1  # of the sockets in step
        self.in_step: dict[Sink, None] = {}  # ordered, so that each gets its frames at the same moment of every tick
        self.stragglers: dict[Sink, int] = {}  # each with its position
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, sink: Sink) -> None:  # noqa: ARG002  # it gets a keyframe first
        self._size += 1

    def remove(self, sink: Sink) -> None:
        self.forget(sink)
        self._size -= 1

    def forget(self, sink: Sink) -> None:
        """Send no delta to a socket, because it needs a keyframe."""
        self.in_step.pop(sink, None)
        self.stragglers.pop(sink, None)

    def place(self, sink: Sink, position: int) -> None:
        """Note that a socket has the world of `position`."""
        if not self.in_step:
            self.position = position
        if self.position == position:
            self.in_step[sink] = None
            self.stragglers.pop(sink, None)
        else:
            self.stragglers[sink] = position


class Replicas:
    """All replicas of one arena."""

    def __init__(self, budget: KeyframeBudget) -> None:
        self._chain = Chain()
        self._budget = budget
        self._by_pace: dict[Pace, Slots[Cohort]] = {pace: Slots(Cohort) for pace in (DENSE, SPARSE)}
        self._waiting: dict[str, dict[Sink, None]] = {reason: {} for reason in REASONS}

    def __len__(self) -> int:
        return sum(len(slots) for slots in self._by_pace.values())

    def add(self, sink: Sink, pace: Pace = DENSE) -> None:
        """Send frames to `sink`, starting with a keyframe. Adding it again makes the next one a keyframe."""
        slots = self._by_pace[pace]
        known = sink in slots
        if not known:
            slots.add(sink)
        self._wait(slots.of(sink), sink, "resync" if known else "join")

    def remove(self, sink: Sink) -> None:
        """Send nothing more to `sink`. Unknown sinks are ignored."""
        for slots in self._by_pace.values():
            slots.remove(sink)
        self._unwait(sink)

    def advance(self, snapshot: Snapshot) -> None:
        """Take a later snapshot, without writing."""
        if len(self):
            self._chain.append(snapshot)
        else:
            self._chain.skip()

    def write(self, turn: int, phases: int) -> None:
        """Write to the sockets that are due in this turn, and to those that wait for a keyframe."""
        if self._chain.newest is None:
            return
        for pace, slots in self._by_pace.items():
            most = min(phases, pace.ticks_per_write)
            for cohort in slots.due(turn, most):
                self._write_to(cohort, most, pace)
        self._write_keyframes()

    def _write_to(self, cohort: Cohort, phases: int, pace: Pace) -> None:
        stragglers = list(cohort.stragglers.items())
        if cohort.in_step:
            self._write_in_step(cohort, phases, pace)
        for sink, position in stragglers:
            joined = self._chain.joined(position)
            if joined is None:
                self._wait(cohort, sink, self._reason(position))
            elif not _may_wait(joined, phases, pace) and not self._offer([sink], joined):
                cohort.place(sink, self._chain.position)

    def _write_in_step(self, cohort: Cohort, phases: int, pace: Pace) -> None:
        joined = self._chain.joined(cohort.position)
        if joined is None:
            reason = self._reason(cohort.position)
            for sink in list(cohort.in_step):
                self._wait(cohort, sink, reason)
        elif not _may_wait(joined, phases, pace):
            for sink in self._offer(cohort.in_step, joined):
                del cohort.in_step[sink]
                cohort.stragglers[sink] = cohort.position
            cohort.position = self._chain.position

    def _offer(self, sinks: Iterable[Sink], joined: Joined) -> list[Sink]:
        """Offer a message to `sinks`. Return those that skipped it."""
        offered = list(sinks)
        missed = offer_all(offered, joined.frame)
        if joined.ticks > 1:
            metrics.JOINED_TICKS.inc((joined.ticks - 1) * (len(offered) - len(missed)))
        return missed

    def _reason(self, position: int) -> str:
        """Return why no delta leads on from `position`."""
        return "slow" if self._chain.reaches(position) else self._chain.broken_by

    def _write_keyframes(self) -> None:
        """Write keyframes as far as the budget goes. The others wait for the next turn."""
        shared: Frame | None = None
        size = self._chain.keyframe_size()
        for reason, waiting in self._waiting.items():
            for sink in list(waiting):
                if sink.blocked_since is not None:
                    metrics.FRAMES_SKIPPED.labels("slow").inc()
                    continue
                if not self._budget.take(size):
                    return
                shared = shared or self._chain.keyframe()
                if not offer_all([sink], shared):
                    del waiting[sink]
                    self._cohort(sink).place(sink, self._chain.position)
                    metrics.KEYFRAMES.labels(reason).inc()

    def _cohort(self, sink: Sink) -> Cohort:
        return next(slots.of(sink) for slots in self._by_pace.values() if sink in slots)

    def _wait(self, cohort: Cohort, sink: Sink, reason: str) -> None:
        cohort.forget(sink)
        if reason != "resync" or sink not in self._waiting["join"]:
            self._unwait(sink)
            self._waiting[reason][sink] = None

    def _unwait(self, sink: Sink) -> None:
        for waiting in self._waiting.values():
            waiting.pop(sink, None)


def _may_wait(joined: Joined, phases: int, pace: Pace) -> bool:
    """Return True if nothing changed and the next turn of these sockets comes soon enough."""
    return joined.quiet and joined.ticks + phases <= pace.quiet
