"""Collects Python's cyclic garbage in idle time, not in the middle of a tick or a frame.

The automatic collector runs after a number of allocations: while many players join or while a frame is sent. A
collection of all objects with thousands of sockets takes longer than a frame may be late, and it cannot be split. So
objects that survive for a while are frozen, which no collection examines. Closed sockets leave no cycles
(app/gateway/socket/release.py), so hardly any frozen object becomes garbage. The rest is found when all objects are
thawed: after many sessions have ended, and then at a moment with few sessions, or when the bound is reached.
"""

import gc
import time
from collections.abc import Callable
from typing import Final, Protocol

YOUNG_S: Final = 0.25  # seconds between collections of young objects: each handshake makes some that live for long
FREEZE_S: Final = 30.0  # seconds between collections of all objects that are not frozen; the survivors are frozen
THAW_AFTER: Final = 2_000  # ended sessions after which all objects are collected if there are few sessions
MOST_ENDED: Final = 50_000  # the same with any number of sessions: at 1 KB for each they have left 50 MB
FEW: Final = 200  # sessions with which the collection of all objects is about as short as a young one
ENOUGH_S: Final = 0.01  # the least idle seconds in which a collection starts
OVERDUE: Final = 10  # periods after which a collection no longer waits for idle time: otherwise memory would grow
DECAY: Final = 0.5  # of the expected cost, with each offer that was too short: one slow collection is soon forgotten

_YOUNG: Final = 1  # generations 0 and 1
_ALL: Final = 2


class Collector(Protocol):
    """The part of the module `gc` that is used."""

    def disable(self) -> None: ...

    def freeze(self) -> None: ...

    def unfreeze(self) -> None: ...

    def collect(self, generation: int = _ALL) -> int: ...


class Sessions(Protocol):
    """The sessions whose objects may become garbage."""

    def open_now(self) -> int: ...

    def ended(self) -> int:
        """Return how many have ended since the start of the process."""


class _NoSessions:
    def open_now(self) -> int:
        return 0

    def ended(self) -> int:
        return 0


class GarbageCollection:
    """Decides when to collect, and when to freeze."""

    def __init__(
        self,
        clock: Callable[[], float],
        collector: Collector = gc,
        processor: Callable[[], float] = time.thread_time,
    ) -> None:
        """Disable the automatic collector. `clock` is monotonic, in seconds.

        `processor` returns the seconds that this thread computed. Other programs do not change the cost by that clock.
        """
        self._clock = clock
        self._collector = collector
        self._processor = processor
        self._sessions: Sessions = _NoSessions()
        self._young_at = self._frozen_at = clock()
        self._ended = 0  # at the last collection of all objects
        self._cost = {_YOUNG: 0.0, _ALL: 0.0}  # expected seconds
        collector.disable()
        collector.collect()
        collector.freeze()

    def watch(self, sessions: Sessions) -> None:
        """Collect all objects after many of `sessions` have ended."""
        self._sessions = sessions
        self._ended = sessions.ended()

    def collect_within(self, seconds: float) -> None:
        """Collect if a collection is due, and if `seconds` are enough for what it is expected to cost."""
        now = self._clock()
        if self._must_thaw(seconds):
            self._collector.unfreeze()
            self._collect(_ALL)
            self._collector.freeze()
            self._ended = self._sessions.ended()
            self._young_at = self._frozen_at = now
        elif self._due(_ALL, (now - self._frozen_at) / FREEZE_S, seconds):
            self._collect(_ALL)
            self._collector.freeze()
            self._young_at = self._frozen_at = now
        elif self._due(_YOUNG, (now - self._young_at) / YOUNG_S, seconds):
            self._collect(_YOUNG)
            self._young_at = now

    def _must_thaw(self, seconds: float) -> bool:
        ended = self._sessions.ended() - self._ended
        return ended >= MOST_ENDED or (ended >= THAW_AFTER and self._sessions.open_now() <= FEW and seconds >= ENOUGH_S)

    def _due(self, generation: int, periods: float, seconds: float) -> bool:
        if periods < 1:
            return False
        if periods >= OVERDUE or seconds >= max(ENOUGH_S, self._cost[generation]):
            return True
        self._cost[generation] *= DECAY
        return False

    def _collect(self, generation: int) -> None:
        started = self._processor()
        self._collector.collect(generation)
        self._cost[generation] = self._processor() - started
