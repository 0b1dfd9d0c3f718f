"""Conducts one test: looks before, starts the processes, gathers what they tell, stops them all in every case."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Final

from loadtest.load import crew_messages
from loadtest.load.assembly import Assembly
from loadtest.load.crew_process import RemoteCrew
from loadtest.load.interruption import Interruption
from loadtest.load.machine_info import shared, surroundings
from loadtest.load.order import Order
from loadtest.load.preflight import reachable
from loadtest.load.progress import Progress
from loadtest.measure.result import Result
from loadtest.measure.scraper import Scraper
from loadtest.outcome import CannotRunError
from loadtest.players.nonreaders import NonReaders
from loadtest.processes import machine

HEAD_START_S: Final = 0.2  # from the word to the beginning, so that all processes have it in time


async def conduct(order: Order, progress: Progress) -> Result:
    """Play the test and return what was found; raises CannotRunError."""
    with Interruption() as interruption:
        door = await interruption.unless(reachable(order.target, order.protocol))
        with Scraper(order.metrics, order.seconds) as scraper:
            async with _crews(order.assignments(door)) as crews:
                return await _Run(order, progress, scraper, crews, interruption).play()


class _Run:
    """The load, while it lasts."""

    def __init__(
        self,
        order: Order,
        progress: Progress,
        scraper: Scraper,
        crews: Sequence[RemoteCrew],
        interruption: Interruption,
    ) -> None:
        self._order = order
        self._progress = progress
        self._scraper = scraper
        self._crews = crews
        self._interruption = interruption
        self._assembly = Assembly(order)

    async def play(self) -> Result:
        started_at = datetime.now(UTC).isoformat(timespec="seconds")
        about = surroundings()
        begins, busy_s = time.monotonic() + HEAD_START_S, machine.busy_s()
        for crew in self._crews:
            crew.begin(begins)
        side = [asyncio.create_task(work) for work in (self._stop_if_interrupted(), self._besides(begins))]
        try:
            finals = await self._gather()
        finally:
            for task in side:
                task.cancel()
            ends = await asyncio.gather(*side, return_exceptions=True)
        for end in ends:
            if isinstance(end, OSError):
                raise CannotRunError(f"The peers that never read could not come: {end}.")
        busy_s, seconds = machine.busy_s() - busy_s, time.monotonic() - begins
        server = await asyncio.to_thread(self._scraper.server)
        found = self._assembly.result(
            finals, started_at=started_at, interrupted=self._interruption.came, machine=about, server=server
        )
        return shared(found, busy_s, seconds) if self._order.target.is_loopback else found

    async def _gather(self) -> list[crew_messages.Final]:
        while True:
            told = await asyncio.gather(*(crew.report(self._order.moment_s) for crew in self._crews))
            moments = [one for one in told if isinstance(one, crew_messages.Moment)]
            if len(moments) < len(told):
                return [await self._last_word(crew, one) for crew, one in zip(self._crews, told, strict=True)]
            self._progress.show(self._assembly.take(moments, self._scraper.tick_p99_ms, self._scraper.connections))

    async def _last_word(self, crew: RemoteCrew, told: crew_messages.Report) -> crew_messages.Final:
        """Return what a process says last; of a moment that another process did not see whole nothing is made."""
        while not isinstance(told, crew_messages.Final):
            told = await crew.report(self._order.moment_s)
        return told

    async def _stop_if_interrupted(self) -> None:
        await self._interruption.wait()
        self._progress.say("Interrupted: what was seen so far is written.")
        for crew in self._crews:
            crew.stop()

    async def _besides(self, begins: float) -> None:
        """Do what else the scenario does when its hold begins."""
        await asyncio.sleep(max(0.0, begins + self._order.schedule.hold_begins_s - time.monotonic()))
        if self._order.scenario.advice:
            self._progress.say(self._order.scenario.advice)
        if self._order.shape.non_readers:
            peers = NonReaders(self._order.target.door(), self._order.shape.non_readers)
            try:
                await asyncio.to_thread(peers.__enter__)
                self._progress.say(f"{self._order.shape.non_readers} peers talk now, and read nothing.")
                await asyncio.get_running_loop().create_future()  # until this test ends
            finally:
                peers.__exit__(None, None, None)


@contextlib.asynccontextmanager
async def _crews(assignments: Sequence[crew_messages.Assignment]) -> AsyncIterator[list[RemoteCrew]]:
    """Hold one process for each within the block, all ready."""
    async with contextlib.AsyncExitStack() as stack:
        yield list(await asyncio.gather(*(stack.enter_async_context(RemoteCrew(one)) for one in assignments)))
