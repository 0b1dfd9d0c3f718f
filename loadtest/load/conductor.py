"""Runs one test with Python players: starts their processes, merges their reports, ends them in every case."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from loadtest.load import machine_info, messages
from loadtest.load.crew_process import RemoteCrew
from loadtest.load.order import Order
from loadtest.load.preflight import reachable
from loadtest.load.progress import Progress
from loadtest.load.result_builder import Series
from loadtest.load.session import Session, session
from loadtest.measure.result import Result
from loadtest.outcome import CannotRunError
from loadtest.players.nonreaders import NonReaders
from loadtest.processes import machine

HEAD_START_S: Final = 0.2  # between the command and the beginning, so that all processes receive it in time


async def conduct(order: Order, progress: Progress) -> Result:
    """Run the test and return its result; raises CannotRunError."""
    async with (
        session(order, progress, reachable(order.target, order.protocol)) as (running, door),
        _crews(order.tasks(door)) as crews,
    ):
        return await _Run(running, crews).play()


class _Run:
    """The load while it lasts."""

    def __init__(self, running: Session, crews: Sequence[RemoteCrew]) -> None:
        self._session = running
        self._order = running.order
        self._crews = crews
        self._series = Series(running.order)

    async def play(self) -> Result:
        self._session.begin()
        begins, busy_s = time.monotonic() + HEAD_START_S, machine.busy_s()
        for crew in self._crews:
            crew.begin(begins)
        side = [asyncio.create_task(work) for work in (self._stop_if_interrupted(), self._during_hold(begins))]
        try:
            finals = await self._finals()
        finally:
            for task in side:
                task.cancel()
            ends = await asyncio.gather(*side, return_exceptions=True)
        for end in ends:
            if isinstance(end, OSError):
                raise CannotRunError(f"The peers that never read could not connect: {end}.")
            if isinstance(end, Exception):
                raise end
        busy_s, seconds = machine.busy_s() - busy_s, time.monotonic() - begins
        series = self._series
        found = await asyncio.to_thread(self._session.result, "python", finals, series.moments, series.steps)
        return machine_info.with_foreign_cpu(found, busy_s, seconds) if self._order.target.is_loopback else found

    async def _finals(self) -> list[messages.Final]:
        scraper = self._session.scraper
        while True:
            reports = await asyncio.gather(*(crew.report(self._order.moment_s) for crew in self._crews))
            moments = [one for one in reports if isinstance(one, messages.Moment)]
            if len(moments) < len(reports):
                return [await self._final(crew, one) for crew, one in zip(self._crews, reports, strict=True)]
            self._session.progress.show(self._series.add(moments, scraper.tick_p99_ms, scraper.connections))

    async def _final(self, crew: RemoteCrew, report: messages.Report) -> messages.Final:
        """Return the last report of a process; a moment that not all processes reported is dropped."""
        while not isinstance(report, messages.Final):
            report = await crew.report(self._order.moment_s)
        return report

    async def _stop_if_interrupted(self) -> None:
        await self._session.interruption.wait()
        self._session.print_interrupted()
        for crew in self._crews:
            crew.finish()

    async def _during_hold(self, begins: float) -> None:
        """Print the scenario's advice and run its peers that never read, from the beginning of the hold."""
        await asyncio.sleep(max(0.0, begins + self._order.schedule.hold_begins_s - time.monotonic()))
        if self._order.scenario.advice:
            self._session.progress.print(self._order.scenario.advice)
        if self._order.shape.non_readers:
            peers = NonReaders(self._order.target.door(), self._order.shape.non_readers)
            try:
                await asyncio.to_thread(peers.__enter__)
                self._session.progress.print(f"{self._order.shape.non_readers} peers send now, and never read.")
                await asyncio.get_running_loop().create_future()  # until the test ends
            finally:
                peers.__exit__(None, None, None)


@contextlib.asynccontextmanager
async def _crews(tasks: Sequence[messages.CrewTask]) -> AsyncIterator[list[RemoteCrew]]:
    """Run a process for each task within the block, which begins when all are ready."""
    with tempfile.TemporaryDirectory(prefix="flotilla-") as folder, contextlib.ExitStack() as stack:
        logs = [Path(folder) / f"crew-{number}.log" for number in range(len(tasks))]
        crews = [stack.enter_context(RemoteCrew(log)) for log in logs]
        await asyncio.gather(*(crew.prepare(task) for crew, task in zip(crews, tasks, strict=True)))
        yield crews
