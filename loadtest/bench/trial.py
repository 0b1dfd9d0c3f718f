"""One server on its core and the generator on the other: `trial` yields a function that holds one step.

After a step that failed, start a new trial: an overloaded server needs a restart before it is measured again.
"""

import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from loadtest.bench.contestants import Contestant
from loadtest.measure.step import Load, Step
from loadtest.paths import BUILD
from loadtest.processes import machine, ports
from loadtest.processes.line_process import LineProcess
from loadtest.processes.process import Process, SiteError, clean_environment

START_S: Final = 30.0  # longest start of a server
GATHER_S: Final = 30.0  # longest time for all players of a step to connect: --connect-s of the generator
GENERATOR: Final = BUILD / "generator"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a step takes.

    A p99 needs more than 100 ticks: of 100 or fewer, one late tick (a garbage collection of 25 ms) decides. 10 s have
    200 ticks.
    """

    warm_ms: int = 2500
    hold_s: float = 10.0


@contextlib.contextmanager
def trial(contestant: Contestant, timing: Timing) -> Iterator[Callable[[int], Step]]:
    """Run both programs within the block. Raises SiteError if one does not start or ends too early."""
    port = ports.free_port()
    with tempfile.TemporaryDirectory(prefix="flotilla-") as scratch, contextlib.ExitStack() as stack:
        folder, environment = Path(scratch), clean_environment(**contestant.environment)
        command = contestant.command_line(port)
        server = machine.started(
            machine.SERVER_CORE, lambda: Process(contestant.title, command, folder / "server.log", environment)
        )
        stack.callback(server.stop)
        server.wait_until(lambda: ports.listens(port), "did not accept connections", START_S)
        rss_kib = machine.rss_kib(server.pid)
        words = [str(GENERATOR), "--port", str(port), "--language", contestant.language]
        words += ["--inputs", contestant.inputs, "--warm-ms", str(timing.warm_ms)]
        generator = stack.enter_context(
            machine.started(
                machine.GENERATOR_CORE, lambda: LineProcess("The generator", words, folder / "generator.log")
            )
        )

        def hold(players: int) -> Step:
            step = _hold(server, generator, players, timing, rss_kib)
            _print(contestant, step)
            return step

        yield hold


def hold_once(contestant: Contestant, players: int, timing: Timing) -> Step:
    """Hold one step of a fresh server."""
    with trial(contestant, timing) as hold:
        return hold(players)


def _hold(server: Process, generator: LineProcess, players: int, timing: Timing, rss_kib: int) -> Step:
    generator.write(f"step {players} {timing.hold_s}".encode())
    generator.receive(GATHER_S + timing.warm_ms / 1000)  # the hold begins
    before = machine.clocks(server.pid)
    line = generator.receive(timing.hold_s)
    after = machine.clocks(server.pid)
    if not server.running:
        raise SiteError(f"{server.name} ended during a step of {players} players.\n{server.tail()}")
    load = msgspec.json.decode(line, type=Load)
    seconds = after.wall - before.wall
    server_cpu = (after.process - before.process) / seconds
    foreign_cpu = max(0.0, (after.busy - before.busy) / seconds - server_cpu - load.cpu)
    return Step(load, server_cpu, machine.rss_kib(server.pid) - rss_kib, foreign_cpu)


def _print(contestant: Contestant, step: Step) -> None:
    load = step.load
    marks = (" (the generator was late or busy)" if step.generator_limited else "") + (
        f" (other programs used {step.foreign_cpu:.0%} of a core)" if step.disturbed else ""
    )
    print(
        f"{contestant.name:13} {load.target:5} p50 {load.gap.p50_ms:5.1f} p99 {load.gap.p99_ms:6.1f}"
        f" max {load.gap.max_ms:6.1f} ms, core {step.server_cpu:4.0%}, {step.kib_per_connection:5.1f} KiB/conn,"
        f" tick late {load.tick_lateness.p99_ms:5.1f} ms, generator late {load.lag.p99_ms:4.1f} ms {load.cpu:3.0%}:"
        f" {', '.join(step.complaints) or 'held'}{marks}",
        file=sys.stderr,
        flush=True,
    )
