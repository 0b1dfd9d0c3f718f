import asyncio
from typing import Any

from app.processes.shutdown import Ending


class Drain:
    """A drain that is done when the test says so."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.done = asyncio.Event()

    async def run(self) -> None:
        self.calls.append("run")
        await self.done.wait()

    def hurry(self) -> None:
        self.calls.append("hurry")


class Process:
    """An ending with its drain, and a task that says last words when it is cancelled."""

    def __init__(self) -> None:
        self.drain: Any = Drain()
        self.last_words: list[str] = []
        self.part = asyncio.create_task(self.work())
        self.stopped = asyncio.Event()
        self.ending = Ending(self.drain, self.stop, lambda: {self.part})

    async def work(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.last_words.append("the roster is empty")

    def stop(self) -> None:
        assert self.part.done()
        self.stopped.set()

    async def end(self) -> None:
        """Let the drain be done, and wait for the end."""
        self.drain.done.set()
        async with asyncio.timeout(5):
            await self.stopped.wait()


async def test_signals_drain_then_hurry() -> None:
    """One drain, however many signals come."""
    process = Process()
    process.ending.signalled()
    await asyncio.sleep(0)
    process.ending.signalled()
    process.ending.signalled()
    assert ["run", "hurry", "hurry"] == process.drain.calls
    await process.end()
    assert process.ending.failure is None
    assert ["the roster is empty"] == process.last_words


async def test_a_part_that_died_ends_the_process_in_a_hurry() -> None:
    """With a sentence for the operator."""
    process = Process()
    process.ending.part_died("relay")
    await asyncio.sleep(0)
    await process.end()
    assert ["hurry", "run"] == process.drain.calls
    assert "Stopped, because the task 'relay' ended by itself; the log says why." == process.ending.failure


async def test_a_part_that_fails_as_it_is_cancelled_is_no_failure() -> None:
    """The end was orderly, and the exit code says so."""
    process = Process()
    process.part.add_done_callback(lambda _task: process.ending.part_died("relay"))
    process.ending.signalled()
    await asyncio.sleep(0)
    await process.end()
    assert process.ending.failure is None
