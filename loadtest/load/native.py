"""The compiled generator as the maker of the load: thousands of machine players from one core, at 20 a second.

It tells of each step what it counted there, so of the players one by one, of their coming, and of what happened between
steps, nothing is known: those fields stay empty.
"""

import asyncio
import contextlib
import ipaddress
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from loadtest.load import native_result
from loadtest.load.compiler import BuildError, build
from loadtest.load.interruption import Interruption
from loadtest.load.machine_info import surroundings
from loadtest.load.native_result import Held, Second, Told
from loadtest.load.order import Order
from loadtest.load.preflight import listening, reachable
from loadtest.load.progress import Progress
from loadtest.measure.result import Moment, Result
from loadtest.measure.scraper import Scraper
from loadtest.outcome import CannotRunError
from loadtest.paths import BUILD, ROOT
from loadtest.players.hands import PEOPLE

MAX_PLAYERS: Final = 8000  # sockets of one generator (loadtest/load/generator/options.h)
LANGUAGES: Final = {"v1": "replica", "json": "json", "bare": "bare"}  # as the generator calls them
STEADY: Final = "20/s"
GATHER_S: Final = 30  # longest time for all players of a step to come
WARM_S: Final = 2.5  # from then to the measurement
PATIENCE_S: Final = 10.0  # beyond what a step may take


def check(order: Order) -> None:
    """Raise CannotRunError for what the compiled generator cannot do."""
    aim = order.target
    if aim.secure or not all(_is_ipv4_loopback(address) for address in aim.addresses[:1]):
        raise CannotRunError("Machine players load this machine only: --url ws://127.0.0.1:PORT/….")
    if order.scenario.name != "ramp" or order.processes != 1:
        raise CannotRunError("Machine players come by `ramp` and from one process.")
    if order.inputs not in {PEOPLE, STEADY}:
        raise CannotRunError(f"Machine players steer at {STEADY}, or as {PEOPLE}.")
    if max(order.sizes) > MAX_PLAYERS:
        raise CannotRunError(f"One compiled generator has at most {MAX_PLAYERS} players.")


def length_s(order: Order) -> float:
    """Return how long it takes about: the players of each step have to settle before it is measured."""
    return order.seconds + len(order.sizes) * WARM_S


async def conduct(order: Order, progress: Progress) -> Result:
    """Hold each size of the order and return what was found; raises CannotRunError."""
    look = listening(order.target) if order.protocol == "bare" else reachable(order.target, order.protocol)
    with tempfile.TemporaryDirectory(prefix="flotilla-") as scratch, Interruption() as interruption:
        await interruption.unless(look)
        program = await asyncio.to_thread(_built, Path(scratch))
        started_at, about = datetime.now(UTC).isoformat(timespec="seconds"), surroundings()
        with Scraper(order.metrics, order.seconds) as scraper:
            async with _running(program, order) as generator:
                run = _Run(order, progress, scraper, generator)
                await run.play(interruption)
            if not run.held:
                raise CannotRunError("Interrupted before a step was measured: nothing was written.")
            server = await asyncio.to_thread(scraper.server)
        return native_result.result(
            order, run.held, started_at=started_at, interrupted=interruption.came, machine=about, server=server
        )


class _Run:
    """The steps, one after the other."""

    def __init__(
        self, order: Order, progress: Progress, scraper: Scraper, generator: asyncio.subprocess.Process
    ) -> None:
        self.held: list[Held] = []
        self._order = order
        self._progress = progress
        self._scraper = scraper
        self._generator = generator
        self._begun = time.monotonic()

    async def play(self, interruption: Interruption) -> None:
        """Hold all steps, or those before the interruption."""
        for size in self._order.sizes:
            step = asyncio.create_task(self._hold(size))
            await interruption.first_of(step)
            if not step.done():
                step.cancel()
                self._progress.say("Interrupted: what was seen so far is written.")
                return
            self.held.append(step.result())

    async def _hold(self, size: int) -> Held:
        assert self._generator.stdin is not None
        hold_s = self._order.schedule.profile.hold_s
        self._generator.stdin.write(f"step {size} {hold_s}\n".encode())
        await self._line(GATHER_S + WARM_S)
        begins, seconds = self._now(), list[Moment]()
        while isinstance(told := await self._report(hold_s), Second):
            seconds.append(
                native_result.moment(told, size, self._now(), self._scraper.tick_p99_ms, self._scraper.connections)
            )
            self._progress.show(seconds[-1])
        return Held(told, begins, self._now(), self._scraper.tick_p99_ms, seconds)

    async def _report(self, patience_s: float) -> Second | Told:
        report: Second | Told = msgspec.json.decode(await self._line(patience_s), type=Second | Told)
        return report

    def _now(self) -> float:
        return time.monotonic() - self._begun

    async def _line(self, patience_s: float) -> bytes:
        assert self._generator.stdout is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s + PATIENCE_S):
                if line := await self._generator.stdout.readline():
                    return line
                raise CannotRunError("The compiled generator ended by itself.")
        raise CannotRunError("The compiled generator says nothing any more.")


@contextlib.asynccontextmanager
async def _running(program: Path, order: Order) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the generator within the block."""
    aim = order.target
    options = {
        "--address": aim.addresses[0],
        "--port": aim.port,
        "--path": aim.path,
        "--host": aim.host_header,
        "--origin": aim.origin,
        "--language": LANGUAGES[order.protocol],
        "--inputs": "people" if order.inputs == PEOPLE else "steady",
        "--connect-s": GATHER_S,
        "--connect-rate": max(1, round(order.schedule.profile.steepest_per_s)),
        "--series": 1,
        "--warm-ms": round(WARM_S * 1000),
    }
    words = [str(word) for option in options.items() for word in option]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        program, *words, stdin=pipe, stdout=pipe, limit=1 << 24, start_new_session=True
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _built(scratch: Path) -> Path:
    """Return the program, compiled; what is no checkout has no place to keep it."""
    try:
        return build("generator", BUILD if (ROOT / "pyproject.toml").exists() else scratch)
    except BuildError as error:
        raise CannotRunError(str(error)) from None
    except OSError as error:
        raise CannotRunError(f"The compiled generator cannot be built here: {error.strerror}.") from None


def _is_ipv4_loopback(address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network("127.0.0.0/8")
