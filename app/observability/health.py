"""The health of a process for the platform: liveness (without progress, restart it) and readiness (send traffic)."""

import time
from collections.abc import Callable
from typing import Final

LIMIT_S: Final = 5.0  # seconds without progress: more than a loaded machine stalls, less than players accept


class Health:
    """Progress and readiness. The event loop writes one float, which the private port's threads read without a lock."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start alive; the first beat is due within LIMIT_S."""
        self.ready: Callable[[], str | None] = lambda: None  # why it cannot serve now, or None
        self._clock = clock
        self._beaten = clock()

    def beat(self) -> None:
        """Record progress of the process's own loop."""
        self._beaten = self._clock()

    def alive(self) -> str | None:
        """Return None, or a sentence if the last progress is longer ago than LIMIT_S."""
        silence = self._clock() - self._beaten
        return None if silence <= LIMIT_S else f"No progress for {silence:.1f} s."
