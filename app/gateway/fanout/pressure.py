"""How overloaded this process is, and so in how many phases it writes.

With k phases each socket gets a message at every k-th tick, with the deltas of k ticks. So there are fewer writes of
the same bytes. The number grows by one when the thread has no time left or when ticks arrive late, and shrinks by one
when the time would suffice for more writes.
"""

import time
from collections.abc import Callable
from typing import Final

from app.gateway.fanout.slots import MOST_PHASES
from app.observability import metrics

WINDOW_S: Final = 0.5  # between two decisions; from four phases to one takes 1.5 s
FULL: Final = 0.92  # share of its time that the thread computes, above which there are more phases
ENOUGH: Final = 0.85  # the same, below which there would be fewer; the distance keeps the number from swinging
LATE: Final = 0.3  # share of the writes that came too late for a single tick
LOST: Final = 0.97  # the share above which even MOST_PHASES do not help
LOST_AFTER: Final = 10  # windows: a crowd that joins at once fills the thread for some seconds, too


class Pressure:
    """Decides from the processor time of the thread, so that another process can only make ticks late."""

    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, processor: Callable[[], float] = time.thread_time
    ) -> None:
        """`processor` returns the seconds that the calling thread computed; `clock` is monotonic."""
        self.phases = 1
        self.exhausted = False
        """True if there is too much to do with MOST_PHASES, too."""
        self._lost = 0  # successive windows
        self._clock = clock
        self._processor = processor
        self._begin()
        metrics.TICKS_PER_WRITE.set(1)

    def note(self, ticks: int, seconds: float) -> None:
        """Record a fan-out that wrote so many ticks at once and took so many seconds."""
        self._writes += 1
        self._late += ticks > 1
        self._fanout += seconds

    def check(self) -> None:
        """Decide again if it is time. Call it some times in each window, also while nothing is written."""
        passed = self._clock() - self._began
        if passed >= WINDOW_S:
            used = (self._processor() - self._computed) / passed
            self._decide(used, self._late / max(1, self._writes), passed)
            self._begin()

    def _begin(self) -> None:
        self._began, self._computed = self._clock(), self._processor()
        self._writes = self._late = 0
        self._fanout = 0.0

    def _decide(self, used: float, late: float, passed: float) -> None:
        self._lost = self._lost + 1 if self.phases == MOST_PHASES and used > LOST else 0
        self.exhausted = self._lost >= LOST_AFTER or (self.exhausted and used > FULL)
        if (used > FULL or late > LATE) and self.phases < MOST_PHASES:
            self.phases += 1
        elif self.phases > 1 and late <= LATE and used + self._more_writes(passed) < ENOUGH:
            self.phases -= 1
        metrics.TICKS_PER_WRITE.set(self.phases)

    def _more_writes(self, passed: float) -> float:
        """Return the share of time that one phase fewer would cost: writes are in proportion to 1 / phases."""
        return self._fanout / passed / (self.phases - 1)
