"""When the next tick is due: deadlines are ``start + n * period``, so that lateness does not add up. Pure."""

import math
from dataclasses import dataclass
from typing import Final

# The due step and two to catch up. With more, each late tick would delay the next one; so the world slows down instead.
MAX_STEPS: Final = 3


@dataclass(frozen=True, slots=True)
class Due:
    """What to do at one wake-up."""

    steps: int  # simulation steps to run now; 0 means that the wake-up was too early
    slipped: int  # ticks that are given up because there was no time for them
    lateness: float  # seconds since the first deadline that was missed


class Schedule:
    """The deadlines of a fixed-rate loop; times are seconds of any monotonic clock."""

    def __init__(self, start: float, period: float) -> None:
        """Set the first deadline one `period` (seconds) after `start`."""
        self._start = start
        self._period = period
        self._done = 0

    @property
    def deadline(self) -> float:
        """The time of the next tick."""
        return self._start + (self._done + 1) * self._period

    def due(self, now: float) -> Due:
        """Return the steps to run at `now`, and count them as done."""
        lateness = now - self.deadline
        if lateness < 0:
            return Due(0, 0, 0.0)
        owed = 1 + math.floor(lateness / self._period)
        self._done += owed
        steps = min(owed, MAX_STEPS)
        return Due(steps, owed - steps, lateness)
