"""SIGINT and SIGTERM as an event, so that running work ends in order."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, Final, Self, TypeVar

from loadtest.outcome import CannotRunError

Found = TypeVar("Found")

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Handles the signals within a block of a running event loop. A second signal changes nothing."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def __enter__(self) -> Self:
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._event.set)
        return self

    def __exit__(self, *_: object) -> None:
        for number in SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)

    @property
    def came(self) -> bool:
        return self._event.is_set()

    async def wait(self) -> None:
        await self._event.wait()

    async def first_of(self, work: "asyncio.Task[Any]") -> None:
        """Return when a signal came or `work` has ended."""
        coming = asyncio.create_task(self.wait())
        try:
            await asyncio.wait({work, coming}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            coming.cancel()

    async def unless(self, work: Coroutine[Any, Any, Found]) -> Found:
        """Return what `work` returns; raises CannotRunError if a signal comes first."""
        task = asyncio.create_task(work)
        await self.first_of(task)
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise CannotRunError("Interrupted before the load began: nothing was written.")
