"""A tick that takes longer than it needs: what tests of the load tests slow a server with. Never in production."""

from typing import Any

from app.tick.loop import TickLoop


class BurdenedTickLoop(TickLoop):
    """Does nothing useful for a while each time that it moves the world, as a slow tick would: its process waits."""

    def __init__(self, *parts: Any, work_s: float, **more: Any) -> None:
        """Take what a loop takes, and the seconds of work that are added to each tick."""
        super().__init__(*parts, **more)
        self._work_s = work_s

    def _advance(self, steps: int) -> None:
        super()._advance(steps)
        until = self._clock.monotonic() + self._work_s
        while self._clock.monotonic() < until:
            pass
