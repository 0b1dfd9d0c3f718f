"""A crew in a separate process, for the conductor."""

import asyncio

import msgspec

from loadtest.load.messages import Command, CrewTask, Report
from loadtest.load.player_process import PlayerProcess


class RemoteCrew(PlayerProcess):
    """A process with one share of a load test."""

    async def prepare(self, task: CrewTask) -> None:
        """Send the task and return when the crew is ready."""
        await asyncio.to_thread(self.send, task)  # a large task waits until the process reads it
        await self.report()

    def begin(self, at: float) -> None:
        """Begin at that time of time.monotonic."""
        self.send(Command("begin", at))

    def finish(self) -> None:
        """End early; the final report follows."""
        self.send(Command("stop"))

    async def report(self, patience_s: float = 0.0) -> Report:
        """Return the next report; raises CannotRunError if none comes in time."""
        line = await asyncio.to_thread(self.receive, patience_s)
        report: Report = msgspec.json.decode(line, type=Report)
        return report
