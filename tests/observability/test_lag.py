"""app/observability/lag.py: what the loop's sleepers wait too long."""

import asyncio
from collections.abc import Iterable

import pytest
from prometheus_client import REGISTRY

from app.observability.health import Health
from app.observability.lag import PERIOD_S, watch


class Loop:
    """A loop that wakes its sleepers late by given seconds, then never."""

    def __init__(self, delays: Iterable[float]) -> None:
        self.now = 0.0
        self._delays = iter(delays)

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        delay = next(self._delays, None)
        if delay is None:
            raise asyncio.CancelledError
        self.now += seconds + delay


def observed() -> dict[str, float]:
    """Return the count up to each boundary of the histogram, and the sum."""
    families = {family.name: family for family in REGISTRY.collect()}
    samples = families["flotilla_event_loop_lag_seconds"].samples
    return {sample.labels.get("le", sample.name.rpartition("_")[2]): sample.value for sample in samples}


async def test_it_observes_how_late_a_sleep_ends() -> None:
    """Punctual wake-ups count as 0, also those that a coarse timer makes early."""
    before = observed()
    loop = Loop([0.0, -0.001, 0.03, 0.7])
    with pytest.raises(asyncio.CancelledError):
        await watch(None, loop.clock, loop.sleep)
    moved = {name: value - before[name] for name, value in observed().items()}
    assert (2, 2, 3, 3, 4) == (moved["0.001"], moved["0.02"], moved["0.035"], moved["0.5"], moved["1.0"])
    assert 0.73 == pytest.approx(moved["sum"])


async def test_each_round_is_a_beat() -> None:
    """The measurement of the loop is also its sign of progress."""
    loop = Loop([0.0, 60.0])
    health = Health(loop.clock)
    with pytest.raises(asyncio.CancelledError):
        await watch(health, loop.clock, loop.sleep)
    assert loop.now == pytest.approx(60 + 2 * PERIOD_S)
    assert health.alive() is None


async def test_it_watches_a_real_loop() -> None:
    """In a loop of asyncio it goes on until it is cancelled."""
    before = observed()["count"]
    beaten = asyncio.Event()
    health = Health()
    health.beat = beaten.set  # type: ignore[method-assign]  # to hear of it
    task = asyncio.create_task(watch(health))
    await asyncio.wait_for(beaten.wait(), 10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert observed()["count"] > before
