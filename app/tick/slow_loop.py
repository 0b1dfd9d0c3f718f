"""A tick loop that is slow on purpose, with which the tests of the load tests slow a server. Never for production."""

from typing import Any

from app.tick.loop import TickLoop


class SlowTickLoop(TickLoop):
    """Blocks its event loop for `work_s` seconds each time that it moves the world, as a slow simulation would."""

    def __init__(self, *parts: Any, work_s: float, **more: Any) -> None:
        super().__init__(*parts, **more)
        self._work_s = work_s

    def _advance(self, steps: int) -> None:
        super()._advance(steps)
        until = self._clock.monotonic() + self._work_s
        while self._clock.monotonic() < until:
            pass
