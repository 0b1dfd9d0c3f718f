import asyncio
import logging

import pytest

from app.runtime.tasks import end, start


async def returns() -> None:
    """Return at once."""


async def never_returns() -> None:
    await asyncio.Event().wait()


async def test_a_task_that_fails_is_logged_and_reported(caplog: pytest.LogCaptureFixture) -> None:
    """A process must not go on without one of its parts."""

    async def fail() -> None:
        raise ValueError("broken")

    died: list[str] = []
    with caplog.at_level(logging.CRITICAL):
        await asyncio.wait([start(fail(), "relay", died.append)])
    assert ["relay"] == died
    assert ["task_died"] == [record.message for record in caplog.records]


async def test_a_task_that_returns_is_reported_too() -> None:
    """It should have run as long as the process."""
    died: list[str] = []
    await asyncio.wait([start(returns(), "sweep", died.append)])
    assert ["sweep"] == died


async def test_a_task_that_is_cancelled_is_not_reported(caplog: pytest.LogCaptureFixture) -> None:
    """The process ended it on purpose."""
    died: list[str] = []
    task = start(never_returns(), "tick", died.append)
    task.cancel()
    await asyncio.wait([task])
    assert ([], []) == (died, caplog.records)


async def test_a_task_that_misses_a_cancellation_gets_another() -> None:
    """Libraries swallow some."""
    missed = 0
    begun = asyncio.Event()

    async def misses_two() -> None:
        nonlocal missed
        begun.set()
        while missed < 2:
            try:
                await never_returns()
            except asyncio.CancelledError:
                missed += 1
        await never_returns()

    died: list[str] = []
    tasks = [start(misses_two(), "relay", died.append), start(never_returns(), "sweep", died.append)]
    await begun.wait()
    await asyncio.wait_for(end(*tasks), 10)
    assert (2, [True, True]) == (missed, [task.cancelled() for task in tasks])
    assert [] == died


async def test_a_task_that_has_ended_is_not_cancelled() -> None:
    """And there may be no task at all."""
    task = asyncio.create_task(returns())
    await asyncio.wait([task])
    await end(task)
    await end()
    assert not task.cancelled()
