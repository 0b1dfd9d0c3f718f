"""A clock that moves only when every task sleeps and no request to Redis is open: minutes pass in moments, in order."""

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import Callable, Iterator
from typing import Any, Final

_TURNS: Final = 20  # turns of the event loop after which every task that was woken waits again
_PATIENCE_S: Final = 60.0  # virtual seconds after which a condition counts as never true


class VirtualTime:
    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._open_requests = 0
        self._answered = asyncio.Event()

    def clock(self) -> float:
        """Return the time in seconds."""
        return self.now

    async def pause(self, seconds: float) -> None:
        """Wait until that much virtual time has passed."""
        await self._sleeper(seconds)

    def schedule(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call `callback` when that much virtual time has passed."""
        self._sleeper(seconds).add_done_callback(lambda _sleeper: callback())

    @contextlib.contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let no time pass within the block, which waits for the world outside."""
        self._open_requests += 1
        self._answered.clear()
        try:
            yield
        finally:
            self._open_requests -= 1
            if not self._open_requests:
                self._answered.set()

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
        """Let time pass in which no task of this process runs."""
        self.now += seconds

    def _sleeper(self, seconds: float) -> asyncio.Future[None]:
        sleeper = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + max(0.0, seconds), next(self._order), sleeper))
        return sleeper

    def _wake_next(self) -> None:
        assert self._sleepers, "no task sleeps: nothing will ever happen"
        when, _, sleeper = heapq.heappop(self._sleepers)
        if not sleeper.done():  # else its task was cancelled
            self.now = max(self.now, when)
            sleeper.set_result(None)

    async def _settle(self) -> None:
        turns = 0
        while turns < _TURNS:
            await asyncio.sleep(0)
            turns += 1
            if self._open_requests:
                await self._answered.wait()
                turns = 0
