"""Runs the tick role until a signal: the world stays in Redis for the successor, which begins at once."""

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Final

import uvloop
from django.conf import settings

from app.observability.health import Health
from app.observability.lag import watch
from app.observability.private_port import PrivatePortError
from app.processes.assembly import TickProcess
from app.processes.private_port import private_port
from app.runtime.garbage import GarbageCollection
from app.runtime.tasks import start

HAND_OVER_S: Final = 3.0  # longest time for the last checkpoint

Say = Callable[[str], None]


def run(say: Say) -> str | None:
    """Run until SIGINT or SIGTERM; return a sentence if that went wrong."""
    health = Health()
    port = private_port(settings.ENVIRONMENT, health, role="tick")
    try:
        port.start()
    except PrivatePortError as error:
        return str(error)
    try:
        return uvloop.run(_run(say, health))
    finally:
        port.stop()


async def _run(say: Say, health: Health) -> str | None:
    ended: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def end(failure: str | None = None) -> None:
        if not ended.done():
            ended.set_result(failure)

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end)

    def died(name: str) -> None:
        end(f"Stopped, because the task {name!r} ended by itself; the log says why.")

    process = TickProcess(
        settings.ENVIRONMENT, beat=health.beat, after_tick=GarbageCollection(time.monotonic).collect_within
    )
    leader = process.leader
    health.ready = lambda: None if leader.reached else "Redis has not answered yet."
    process.start(died)
    # Without a beat: this loop comes round also when the tick's own task, the one that counts, is stuck.
    lag = start(watch(None), "lag", died)
    say("The tick runs: it moves the world, or waits for the lease to do so. Ctrl-C stops it.")
    failure = await ended
    lag.cancel()
    try:
        await asyncio.wait_for(process.stop(), HAND_OVER_S)
    except TimeoutError:
        return failure or "Stopped without handing the world over: Redis did not answer."
    return failure
