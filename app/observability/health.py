"""What a process says of itself to the platform: whether it makes progress (if not, start it anew) and is of use."""

import time
from collections.abc import Callable
from typing import Final

LIMIT_S: Final = 5.0  # without progress: far above any stall of a loaded machine, well below what players bear


class Health:
    """Progress and readiness of one process. The loop writes, the private port's threads read: one float, no lock."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin alive; the loop has LIMIT_S for its first beat."""
        self.ready: Callable[[], str | None] = lambda: None  # the reason for which it is of no use now, or None
        self._clock = clock
        self._beaten = clock()

    def beat(self) -> None:
        """Note that the process's own loop got round again."""
        self._beaten = self._clock()

    def alive(self) -> str | None:
        """Return None, or a sentence if there was no progress for too long."""
        silence = self._clock() - self._beaten
        return None if silence <= LIMIT_S else f"No progress for {silence:.1f} s."
