"""Limits how often something happens, by waiting."""

import time
from collections.abc import Callable


class Pace:
    """A token bucket for one thread."""

    def __init__(
        self,
        per_second: float,
        burst: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Allow `burst` events at once, and `per_second` on average."""
        self._period_s = 1 / per_second
        self._burst_s = (burst - 1) * self._period_s
        self._clock = clock
        self._sleep = sleep
        self._next_at = float("-inf")  # when an event without a burst may happen

    def wait(self) -> None:
        """Return when one more event may happen."""
        now = self._clock()
        self._next_at = max(self._next_at, now - self._burst_s)
        if self._next_at > now:
            self._sleep(self._next_at - now)
        self._next_at += self._period_s
