"""Tasks that are to run as long as the process: one that ends by itself is an event, never a silence."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

AGAIN_S: Final = 0.05  # between two cancellations of a task that did not heed the first

logger = logging.getLogger(__name__)


def start(work: Coroutine[Any, Any, None], name: str, on_death: Callable[[str], None]) -> "asyncio.Task[None]":
    """Start `work` in the running loop; if it ends uncancelled, log it and tell `on_death` its name."""

    def ended(task: "asyncio.Task[None]") -> None:
        if not task.cancelled():
            logger.critical("task_died", extra={"task": name}, exc_info=task.exception())
            on_death(name)

    task = asyncio.create_task(work, name=name)
    task.add_done_callback(ended)
    return task


async def end(*tasks: "asyncio.Task[None]") -> None:
    """Cancel `tasks` until they have ended; what they raise is not told.

    Once is not enough: before Python 3.12 asyncio.wait_for drops a cancellation that comes as its wait is over, and
    redis-py has one around every command that it sends.
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN_S)
