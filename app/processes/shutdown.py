"""How a process with sockets ends: players are let go at the first signal, in a hurry at the next."""

import asyncio
import signal
from collections.abc import Callable
from typing import Any, Final

from app.gateway.drain import Drain

CANCEL_S: Final = 1.0  # for the tasks of this process to say their last words to Redis, which may be away


class Ending:
    """Ends the process by `drain`; loudly when a part of it died."""

    def __init__(
        self,
        drain: Drain,
        stop: Callable[[], None],
        tasks: Callable[[], set[asyncio.Task[Any]]] = asyncio.all_tasks,
    ) -> None:
        """Take how players are let go, what then ends the loop, and which tasks end before it."""
        self.failure: str | None = None
        self._drain = drain
        self._stop = stop
        self._tasks = tasks
        self._task: asyncio.Task[None] | None = None
        self._drained = False

    def listen(self) -> None:
        """Take the signals; needs the running loop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.signalled)

    def signalled(self) -> None:
        """Begin to end, or hurry."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._end())
        else:
            self._drain.hurry()

    def part_died(self, name: str) -> None:
        """End soon, since without that part nobody plays; what supervises the process starts it anew."""
        if self._drained:
            return  # it stumbled over its cancellation, and nobody needs it any more
        self.failure = f"Stopped, because the task {name!r} ended by itself; the log says why."
        self._drain.hurry()
        self.signalled()

    async def _end(self) -> None:
        try:
            await self._drain.run()
            self._drained = True
            others = self._tasks() - {self._task}
            for task in others:
                task.cancel()
            if others:
                await asyncio.wait(others, timeout=CANCEL_S)
        finally:
            self._stop()
