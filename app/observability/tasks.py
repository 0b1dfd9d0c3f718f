"""Tasks that are to run as long as the process: one that ends by itself is an event, never a silence."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

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
