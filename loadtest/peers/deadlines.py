"""Deadlines at start + n * dt: a late tick does not move them, and missed ticks are skipped."""

import asyncio
import math
from collections.abc import Awaitable, Callable

from loadtest.peers.arena import TICK_S


async def every_tick(work: Callable[[], Awaitable[None] | None]) -> None:
    """Call `work` at every deadline, without end."""
    clock = asyncio.get_running_loop().time
    start, ticks = clock(), 0
    while True:
        ticks = max(ticks + 1, math.floor((clock() - start) / TICK_S))
        await asyncio.sleep(max(0.0, start + ticks * TICK_S - clock()))
        waiting = work()
        if waiting is not None:
            await waiting
