"""How late the event loop wakes its sleepers: what every frame and every input waits, whatever the process does."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from app.observability import metrics
from app.observability.health import Health

PERIOD_S: Final = 0.1  # between two looks: a stall that players feel meets one, and the looks cost nothing


async def watch(
    health: Health | None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Observe the lag of this loop for ever and beat `health` each time; None where other progress counts."""
    while True:
        due = clock() + PERIOD_S
        await sleep(PERIOD_S)
        metrics.EVENT_LOOP_LAG.observe(max(0.0, clock() - due))
        if health is not None:
            health.beat()
