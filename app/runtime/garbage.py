"""Python's cyclic garbage is collected in the slack between ticks, not in the middle of one.

Left to itself the collector runs when enough objects were made, which is while a crowd joins or a frame goes out, and
a full collection with thousands of sockets takes longer than a frame may be late.
"""

import gc
from collections.abc import Callable
from typing import Final, Protocol

YOUNG_S: Final = 0.25  # seconds between collections of what is young: handshakes leave cycles behind
FULL_S: Final = 60.0  # seconds between full ones: what lived longer, such as closed sockets
ENOUGH_SLACK_S: Final = 0.01  # seconds left until the next tick, below which nothing is collected
OVERDUE: Final = 10  # times its period after which a collection no longer waits for slack: memory comes first

_YOUNG: Final = 1  # generations 0 and 1
_FULL: Final = 2


class Collector(Protocol):
    """The part of the module gc that is used."""

    def disable(self) -> None:
        """Collect nothing unasked."""

    def freeze(self) -> None:
        """Never look at what is there now again."""

    def collect(self, generation: int = _FULL) -> int:
        """Collect."""


class Garbage:
    """Decides when to collect."""

    def __init__(self, clock: Callable[[], float], collector: Collector = gc) -> None:
        """Take over from the automatic collector; `clock` is monotonic, in seconds."""
        self._clock = clock
        self._collector = collector
        self._young_at = self._full_at = clock()
        self._cost = {_YOUNG: 0.0, _FULL: 0.0}  # seconds that the last collection took
        collector.disable()
        collector.collect()
        collector.freeze()

    def after_tick(self, slack: float) -> None:
        """Collect what is due, if `slack` seconds are enough for what it took the last time."""
        now = self._clock()
        if self._due(_FULL, (now - self._full_at) / FULL_S, slack):
            self._collect(_FULL)
            self._young_at = self._full_at = now
        elif self._due(_YOUNG, (now - self._young_at) / YOUNG_S, slack):
            self._collect(_YOUNG)
            self._young_at = now

    def _due(self, generation: int, periods: float, slack: float) -> bool:
        return periods >= OVERDUE or (periods >= 1 and slack >= max(ENOUGH_SLACK_S, self._cost[generation]))

    def _collect(self, generation: int) -> None:
        started = self._clock()
        self._collector.collect(generation)
        self._cost[generation] = self._clock() - started
