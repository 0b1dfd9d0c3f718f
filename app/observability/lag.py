"""How late the event loop wakes a sleeping task: every frame and every input waits as long."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from app.observability import metrics
from app.observability.health import Health

PERIOD_S: Final = 0.1  # seconds between two measurements: shorter than a stall that players notice


async def watch(
    health: Health | None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Observe the lag of this loop until cancelled, with a beat of `health` each time, if it is given."""
    while True:
        due = clock() + PERIOD_S
        await sleep(PERIOD_S)
        metrics.EVENT_LOOP_LAG.observe(max(0.0, clock() - due))
        if health is not None:
            health.beat()
