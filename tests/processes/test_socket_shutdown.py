"""app/processes/socket_shutdown.py with a drain that ends when the test allows it."""

import asyncio
from typing import Any

from app.processes.socket_shutdown import Shutdown

LIMIT_S = 5


class RecordingDrain:
    def __init__(self) -> None:
        self.calls: list[str] = []
        self.running = asyncio.Event()
        self.done = asyncio.Event()

    async def run(self) -> None:
        self.calls.append("run")
        self.running.set()
        await self.done.wait()

    def hurry(self) -> None:
        self.calls.append("hurry")


class Process:
    """A shutdown with its drain, and a task that has work left when it is cancelled."""

    def __init__(self) -> None:
        self.drain: Any = RecordingDrain()
        self.sent: list[str] = []
        self.working = asyncio.Event()
        self.task = asyncio.create_task(self.work())
        self.stopped = asyncio.Event()
        self.shutdown = Shutdown(self.drain, self.stop, lambda: {self.task})

    async def work(self) -> None:
        try:
            self.working.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.sent.append("empty roster")

    def stop(self) -> None:
        assert self.task.done()
        self.stopped.set()

    async def until_draining(self) -> None:
        async with asyncio.timeout(LIMIT_S):
            await self.working.wait()
            await self.drain.running.wait()

    async def until_stopped(self) -> None:
        self.drain.done.set()
        async with asyncio.timeout(LIMIT_S):
            await self.stopped.wait()


async def test_the_first_signal_drains_and_the_next_hurry() -> None:
    """There is one drain, and the tasks may finish their last work before the server stops."""
    process = Process()
    process.shutdown.on_signal()
    await process.until_draining()
    process.shutdown.on_signal()
    process.shutdown.on_signal()
    assert ["run", "hurry", "hurry"] == process.drain.calls
    await process.until_stopped()
    assert process.shutdown.failure is None
    assert ["empty roster"] == process.sent


async def test_a_task_that_ends_ends_the_process_in_a_hurry() -> None:
    """The command prints the failure."""
    process = Process()
    process.shutdown.on_task_end("relay")
    await process.until_draining()
    await process.until_stopped()
    assert ["hurry", "run"] == process.drain.calls
    assert (
        "Stopped, because the task 'relay' ended unexpectedly: see the log for the reason." == process.shutdown.failure
    )


async def test_a_task_that_fails_while_it_is_cancelled_is_no_failure() -> None:
    """The shutdown was orderly, and so is the exit code."""
    process = Process()
    process.task.add_done_callback(lambda _task: process.shutdown.on_task_end("relay"))
    process.shutdown.on_signal()
    await process.until_draining()
    await process.until_stopped()
    assert process.shutdown.failure is None
