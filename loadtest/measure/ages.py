"""How late frames are against the earliest that came lately, by their tick numbers. Pure.

Tick n should come n times 50 ms after tick 0. The earliest frame of a window tells when that schedule began, as far as
anybody can know; each other one is later than it by its age. The window is a minute, so that two clocks that drift
apart, or a world that gave up some ticks, do not make all later frames old.
"""

from typing import Final

from loadtest.players.people import TICK_S

WINDOW_S: Final = 60.0


class Ages:
    """Arrivals of one process's sample."""

    def __init__(self) -> None:
        """Start with none."""
        self._begins: dict[int, list[float]] = {}

    def add(self, epoch: int, tick: int, now: float) -> None:
        """Note that the frame of a tick came; epochs count ticks by themselves."""
        self._begins.setdefault(epoch, []).append(now - tick * TICK_S)

    def close(self) -> list[float]:
        """Return the ages of all that came, in seconds, and begin the next window."""
        begins, self._begins = self._begins, {}
        return [begin - earliest for same in begins.values() for earliest in [min(same)] for begin in same]
