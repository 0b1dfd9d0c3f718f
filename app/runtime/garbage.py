"""Collects Python's cyclic garbage in idle time, not in the middle of a tick or a frame.

The automatic collector runs after a number of allocations: while many players join or while a frame is sent. A full
collection with thousands of sockets takes longer than a frame may be late.
"""

import gc
from collections.abc import Callable
from typing import Final, Protocol

YOUNG_S: Final = 0.25  # seconds between collections of young objects: each handshake leaves cycles
FULL_S: Final = 60.0  # seconds between full collections, which find old objects such as closed sockets
ENOUGH_S: Final = 0.01  # the least idle seconds in which a collection starts
OVERDUE: Final = 10  # periods after which a collection no longer waits for idle time: otherwise memory would grow

_YOUNG: Final = 1  # generations 0 and 1
_FULL: Final = 2


class Collector(Protocol):
    """The part of the module `gc` that is used."""

    def disable(self) -> None: ...

    def freeze(self) -> None: ...

    def collect(self, generation: int = _FULL) -> int: ...


class GarbageCollection:
    """Decides when to collect."""

    def __init__(self, clock: Callable[[], float], collector: Collector = gc) -> None:
        """Disable the automatic collector; `clock` is monotonic, in seconds."""
        self._clock = clock
        self._collector = collector
        self._young_at = self._full_at = clock()
        self._cost = {_YOUNG: 0.0, _FULL: 0.0}  # seconds that the last collection took
        collector.disable()
        collector.collect()
        collector.freeze()

    def collect_within(self, seconds: float) -> None:
        """Collect if a collection is due, and if `seconds` are enough for as long as the last collection took."""
        now = self._clock()
        if self._due(_FULL, (now - self._full_at) / FULL_S, seconds):
            self._collect(_FULL)
            self._young_at = self._full_at = now
        elif self._due(_YOUNG, (now - self._young_at) / YOUNG_S, seconds):
            self._collect(_YOUNG)
            self._young_at = now

    def _due(self, generation: int, periods: float, seconds: float) -> bool:
        return periods >= OVERDUE or (periods >= 1 and seconds >= max(ENOUGH_S, self._cost[generation]))

    def _collect(self, generation: int) -> None:
        started = self._clock()
        self._collector.collect(generation)
        self._cost[generation] = self._clock() - started
