"""How late frames are, by their tick numbers. Pure.

Tick n is due n times 50 ms after tick 0. The earliest frame of a window shows when that schedule began; the age of each
other frame is its lateness against it. The window is a minute. So clocks that drift apart, or a world that gave up some
ticks, do not make all later frames old.
"""

from typing import Final

from loadtest.players.people import TICK_S

WINDOW_S: Final = 60.0


class Ages:
    """Arrivals of the frames of one process's sampled players."""

    def __init__(self) -> None:
        self._begins: dict[int, list[float]] = {}

    def add(self, epoch: int, tick: int, now: float) -> None:
        """Record the arrival of a tick's frame; each epoch has its own tick numbers."""
        self._begins.setdefault(epoch, []).append(now - tick * TICK_S)

    def close(self) -> list[float]:
        """Return the ages of all frames of the window, in seconds, and begin the next window."""
        begins, self._begins = self._begins, {}
        return [begin - earliest for same in begins.values() for earliest in [min(same)] for begin in same]
