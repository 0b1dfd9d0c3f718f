"""Offers the seconds that are left of a frame period to work that can wait, such as garbage collection."""

import asyncio
from collections.abc import Callable
from typing import Final

# The share of the time until the next frame that passes before the rest is offered. In this share the frame leaves the
# process, in `flotilla run` through the same event loop, and the answers of the clients arrive.
BUSY_SHARE: Final = 0.5
WITHOUT_FRAMES_S: Final = 0.25  # seconds between two offers while no frame comes

Timer = Callable[[float, Callable[[], None]], object]
"""Calls a function in the running event loop after some seconds."""


def call_later(seconds: float, callback: Callable[[], None]) -> object:
    """Call `callback` in the running event loop after `seconds`."""
    return asyncio.get_running_loop().call_later(seconds, callback)


class IdleTime:
    """Offers idle time once per frame.

    The offer of a frame is made only after `after_frame`, so a loop that stops calling it makes no further offer. A
    process that has no frames calls `without_frame` instead.
    """

    def __init__(
        self,
        work: Callable[[float], None],
        clock: Callable[[], float],
        period_s: float,
        timer: Timer = call_later,
    ) -> None:
        """Call `work` with the seconds until the next frame, which are negative if it is late.

        `clock` is monotonic, in seconds; `period_s` is the time between two frames.
        """
        self._work = work
        self._clock = clock
        self._period_s = period_s
        self._timer = timer
        self._offered_at = clock()
        self._next_frame_at: float | None = None  # of the offer that is due

    def after_frame(self, next_frame_at: float | None = None) -> None:
        """Make one offer later in this period, however often this is called; `None` means one period from now."""
        if self._next_frame_at is None:
            now = self._clock()
            self._next_frame_at = now + self._period_s if next_frame_at is None else next_frame_at
            self._timer(max(0.0, self._next_frame_at - now) * BUSY_SHARE, self._offer)

    def without_frame(self) -> None:
        """Offer a whole period now, unless there was an offer a short time ago or one is due."""
        if self._next_frame_at is None and self._clock() - self._offered_at >= WITHOUT_FRAMES_S:
            self._next_frame_at = self._clock() + self._period_s
            self._offer()

    def _offer(self) -> None:
        assert self._next_frame_at is not None
        next_frame_at, self._next_frame_at = self._next_frame_at, None
        self._offered_at = self._clock()
        self._work(next_frame_at - self._offered_at)
