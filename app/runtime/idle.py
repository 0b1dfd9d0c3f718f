"""The quiet part of each frame period, offered to work that can wait, such as collecting garbage."""

import asyncio
from collections.abc import Callable
from typing import Final

FRAME_S: Final = 0.02  # seconds of it that belong to the frame and to the answers of those who got it
IDLE_S: Final = 0.25  # seconds without a frame, after which there is nothing to wait for


class Rest:
    """Offers seconds once per frame, and while no frame comes, four times a second."""

    def __init__(self, work: Callable[[float], None], clock: Callable[[], float], period_s: float) -> None:
        """Call `work` with the idle seconds left before the next frame; `period_s` is the time between frames."""
        self._work = work
        self._clock = clock
        self._period_s = period_s
        self._offered_at = clock()
        self._due = False

    def after_frame(self) -> None:
        """Offer what will be left when the frame is out, once for all arenas of a tick; needs the running loop."""
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_later(FRAME_S, self._offer, self._clock())

    def idle(self) -> None:
        """Offer a whole period if no frame came for a while."""
        if not self._due and self._clock() - self._offered_at >= IDLE_S:
            self._offer(self._clock())

    def _offer(self, frame_at: float) -> None:
        now = self._clock()
        self._due = False
        self._offered_at = now
        self._work(frame_at + self._period_s - now)
