"""A clock that moves only when everybody sleeps and no Redis is being asked: minutes pass in moments, in order."""

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.pacing import pace

_TURNS: Final = 20  # of the event loop, after which all who were woken have gone as far as they can
_ANSWER_S: Final = 0.001  # between two looks whether Redis has answered
_PATIENCE_S: Final = 60.0  # of virtual time, after which a condition will not hold any more


class VirtualTime:
    """Sleepers by the time at which they wake, and the number of questions to the world outside."""

    def __init__(self) -> None:
        """Begin at some time."""
        self.now = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._asked = 0

    def clock(self) -> float:
        """Return the time in seconds."""
        return self.now

    async def pause(self, seconds: float) -> None:
        """Wait until somebody lets that much time pass."""
        sleeper = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + max(0.0, seconds), next(self._order), sleeper))
        await sleeper

    @contextlib.contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let no time pass within the block."""
        self._asked += 1
        try:
            yield
        finally:
            self._asked -= 1

    async def until(self, condition: Callable[[], Any], patience_s: float = _PATIENCE_S) -> None:
        """Let time pass until `condition` holds."""
        deadline = self.now + patience_s
        await self._settle()
        while not condition():
            assert self.now < deadline, "the condition never held"
            self._wake_next()
            await self._settle()

    async def go(self, seconds: float) -> None:
        """Let that much time pass."""
        end = self.now + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._wake_next()
            await self._settle()
        self.now = max(self.now, end)

    def jump(self, seconds: float) -> None:
        """Let time pass in which nobody of this process runs."""
        self.now += seconds

    def _wake_next(self) -> None:
        assert self._sleepers, "nobody sleeps: nothing will ever happen"
        when, _, sleeper = heapq.heappop(self._sleepers)
        if not sleeper.done():  # else it was cancelled
            self.now = max(self.now, when)
            sleeper.set_result(None)

    async def _settle(self) -> None:
        turns = 0
        while turns < _TURNS:
            await asyncio.sleep(0)
            turns += 1
            if self._asked:
                await pace(_ANSWER_S)
                turns = 0
