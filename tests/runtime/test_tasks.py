import asyncio
import logging

import pytest

from app.runtime.tasks import end, start


async def test_a_task_that_fails_is_logged_and_told(caplog: pytest.LogCaptureFixture) -> None:
    """A process must not go on without one of its parts."""

    async def fail() -> None:
        raise ValueError("broken")

    died: list[str] = []
    with caplog.at_level(logging.CRITICAL):
        await asyncio.wait([start(fail(), "relay", died.append)])
        await asyncio.sleep(0)
    assert ["relay"] == died
    assert ["task_died"] == [record.message for record in caplog.records]


async def test_a_task_that_returns_is_told_too() -> None:
    """It was to run for ever."""

    async def done() -> None:
        """Return at once."""

    died: list[str] = []
    await asyncio.wait([start(done(), "sweep", died.append)])
    await asyncio.sleep(0)
    assert ["sweep"] == died


async def test_a_task_that_is_cancelled_ends_in_silence() -> None:
    """Somebody wanted it."""

    async def wait() -> None:
        await asyncio.Event().wait()

    died: list[str] = []
    task = start(wait(), "tick", died.append)
    task.cancel()
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert [] == died


async def test_a_task_that_misses_a_cancellation_gets_another() -> None:
    """Libraries swallow some."""
    missed = []

    async def deaf() -> None:
        while len(missed) < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                missed.append("one")
        await asyncio.Event().wait()

    died: list[str] = []
    tasks = [start(deaf(), "relay", died.append), start(asyncio.Event().wait(), "sweep", died.append)]
    await asyncio.sleep(0)
    await asyncio.wait_for(end(*tasks), 10)
    assert [True, True] == [task.cancelled() for task in tasks]
    assert [] == died


async def test_what_has_ended_needs_no_end() -> None:
    """Nor does nothing at all."""

    async def done() -> None:
        """Return at once."""

    task = asyncio.create_task(done())
    await asyncio.wait([task])
    await end(task)
    await end()
    assert not task.cancelled()
