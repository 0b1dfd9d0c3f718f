"""The shutdown of a process with sockets: the first signal starts the drain, each further one shortens it."""

import asyncio
import signal
from collections.abc import Callable
from typing import Any, Final

from app.gateway.drain import Drain
from app.processes import task_end

CANCEL_S: Final = 1.0  # for the last messages of the cancelled tasks to Redis, which may be unreachable


class Shutdown:
    """Drain, cancel the tasks of the process, then stop the server. `failure` is set if a task ended unexpectedly."""

    def __init__(
        self,
        drain: Drain,
        stop: Callable[[], None],
        tasks: Callable[[], set[asyncio.Task[Any]]] = asyncio.all_tasks,
    ) -> None:
        self.failure: str | None = None
        self._drain = drain
        self._stop = stop
        self._tasks = tasks
        self._task: asyncio.Task[None] | None = None
        self._drained = False

    def handle_signals(self) -> None:
        """Install the signal handlers in the running loop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.on_signal)

    def on_signal(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())
        else:
            self._drain.hurry()

    def on_task_end(self, name: str) -> None:
        """End the process quickly, because nothing works without that task; the platform starts it again."""
        if self._drained:
            return  # it failed while it was cancelled, when it was no longer needed
        self.failure = task_end.failure(name)
        self._drain.hurry()
        self.on_signal()

    async def _run(self) -> None:
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
