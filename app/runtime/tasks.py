"""Tasks that run as long as the process: one that ends without a cancellation is logged and reported."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

CANCEL_AGAIN_S: Final = 0.05  # seconds between two cancellations of a task

logger = logging.getLogger(__name__)


def start(work: Coroutine[Any, Any, None], name: str, on_death: Callable[[str], None]) -> "asyncio.Task[None]":
    """Start `work` in the running loop; if it ends without a cancellation, log it and call `on_death` with `name`."""

    def ended(task: "asyncio.Task[None]") -> None:
        if not task.cancelled():
            logger.critical("task_died", extra={"task": name}, exc_info=task.exception())
            on_death(name)

    task = asyncio.create_task(work, name=name)
    task.add_done_callback(ended)
    return task


async def end(*tasks: "asyncio.Task[None]") -> None:
    """Cancel `tasks` until they have ended, without raising their exceptions.

    One cancellation is not always enough: before Python 3.12 `asyncio.wait_for` drops a cancellation that arrives
    when its wait is over, and redis-py uses it for every command.
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)
