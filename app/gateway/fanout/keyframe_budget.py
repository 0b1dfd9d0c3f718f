"""How many bytes of keyframes may go out: many at once would make the tick late, and so cause more of them."""

import time
from collections.abc import Callable
from typing import Final

# A loopback socket takes 4 MiB in about 2 ms. These are 60 keyframes of 4,000 ships, or 1,200 of 200 ships.
BYTES_PER_TICK: Final = 4 << 20
TICK_S: Final = 0.05


class KeyframeBudget:
    """A token bucket that all arenas of a gateway share."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Start full. `clock` is monotonic, in seconds."""
        self._clock = clock
        self._left = float(BYTES_PER_TICK)
        self._refilled = clock()

    def take(self, size: int) -> bool:
        """Count a keyframe of `size` bytes. Return False if it must wait."""
        now = self._clock()
        more = (now - self._refilled) / TICK_S * BYTES_PER_TICK
        self._left, self._refilled = min(BYTES_PER_TICK, self._left + more), now
        if self._left <= 0:
            return False
        self._left -= size
        return True
