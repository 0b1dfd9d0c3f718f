"""Runs one test with the compiled generator: thousands of machine players from one core, at 20 inputs a second."""

import asyncio
import ipaddress
import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec

from loadtest.load import generator_report
from loadtest.load.compiler import build
from loadtest.load.generator_report import MeasuredStep, SecondReport, StepReport
from loadtest.load.order import Order
from loadtest.load.preflight import listening, reachable
from loadtest.load.progress import Progress
from loadtest.load.session import Session, session
from loadtest.measure.result import Moment, Result
from loadtest.outcome import CannotRunError
from loadtest.paths import BUILD, ROOT
from loadtest.players.hands import PEOPLE
from loadtest.processes.line_process import LineProcess

MAX_PLAYERS: Final = 8000  # sockets of one generator (loadtest/load/generator/options.h)
LANGUAGES: Final = {"v1": "replica", "json": "json", "bare": "bare"}  # names of the generator's option
STEADY: Final = "20/s"
GATHER_S: Final = 30  # longest time for all players of a step to connect
WARM_S: Final = 2.5  # from then to the measurement


def check(order: Order) -> None:
    """Raise CannotRunError if the compiled generator cannot run the test."""
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
    """Return the approximate length of the test: the players of each step settle before it is measured."""
    return order.seconds + len(order.sizes) * WARM_S


async def conduct(order: Order, progress: Progress) -> Result:
    """Hold each size of the order and return the result; raises CannotRunError."""
    with tempfile.TemporaryDirectory(prefix="flotilla-") as scratch:
        async with session(order, progress, _check(order, Path(scratch))) as (running, program):
            with _generator(program, order, Path(scratch)) as generator:
                running.begin()
                run = _Run(running, generator)
                await run.play()
            if not run.steps:
                raise CannotRunError("Interrupted before a step was measured: nothing was written.")
            final = generator_report.final(run.steps, order.protocol)
            series = [second for step in run.steps for second in step.seconds]
            steps = [generator_report.step(step) for step in run.steps]
            return await asyncio.to_thread(running.result, "native", [final], series, steps)


async def _check(order: Order, scratch: Path) -> Path:
    """Check the target and return the compiled program."""
    await (listening(order.target) if order.protocol == "bare" else reachable(order.target, order.protocol))
    return await asyncio.to_thread(_built, scratch)


class _Run:
    """The steps, one after the other."""

    def __init__(self, running: Session, generator: LineProcess) -> None:
        self.steps: list[MeasuredStep] = []
        self._session = running
        self._generator = generator

    async def play(self) -> None:
        """Hold all steps, or the ones before an interruption."""
        for size in self._session.order.sizes:
            step = asyncio.create_task(self._hold(size))
            await self._session.interruption.first_of(step)
            if not step.done():
                step.cancel()
                self._session.print_interrupted()
                return
            self.steps.append(step.result())

    async def _hold(self, size: int) -> MeasuredStep:
        scraper, hold_s = self._session.scraper, self._session.order.schedule.profile.hold_s
        self._generator.write(f"step {size} {hold_s}".encode())
        await self._line(GATHER_S + WARM_S)
        begins, seconds = self._now(), list[Moment]()
        while isinstance(report := await self._report(hold_s), SecondReport):
            figures = (scraper.tick_p99_ms, scraper.connections)
            seconds.append(generator_report.moment(report, size, self._now(), *figures))
            self._session.progress.show(seconds[-1])
        return MeasuredStep(report, begins, self._now(), scraper.tick_p99_ms, seconds)

    async def _report(self, patience_s: float) -> SecondReport | StepReport:
        line = await self._line(patience_s)
        report: SecondReport | StepReport = msgspec.json.decode(line, type=SecondReport | StepReport)
        return report

    def _now(self) -> float:
        return time.monotonic() - self._session.begun

    async def _line(self, patience_s: float) -> bytes:
        return await asyncio.to_thread(self._generator.receive, patience_s)


def _generator(program: Path, order: Order, folder: Path) -> LineProcess:
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
    return LineProcess("The compiled generator", [str(program), *words], folder / "generator.log")


def _built(scratch: Path) -> Path:
    """Return the compiled program: in the build folder of a checkout, otherwise in `scratch`."""
    try:
        return build("generator", BUILD if (ROOT / "pyproject.toml").exists() else scratch)
    except OSError as error:
        raise CannotRunError(f"The compiled generator cannot be built here: {error.strerror}.") from None


def _is_ipv4_loopback(address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network("127.0.0.0/8")
