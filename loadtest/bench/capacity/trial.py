"""A server on its core and the generator on the other: `trial` yields a callable that holds one step.

After a step that failed, server and clients are to be started anew: what an overload left behind is no fair start.
"""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Final

import msgspec

from loadtest.bench.capacity.contestants import Contestant
from loadtest.measure.step import Load, Step
from loadtest.paths import BUILD, ROOT
from loadtest.processes import machine

START_S: Final = 30.0  # longest start of a server
GENERATOR: Final = BUILD / "generator"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a step takes.

    A p99 needs more than 100 ticks: in 100 or less, a single late one (a garbage collection of 25 ms) decides, and what
    is called p99 is the maximum. In 10 s there are 200.
    """

    warm_ms: int = 2500
    hold_s: float = 10.0


class TrialError(Exception):
    """A server or the generator that did not run; the message says which, and what it said last."""


@contextlib.contextmanager
def trial(contestant: Contestant, timing: Timing) -> Iterator[Callable[[int], Step]]:
    """Start both within the block."""
    port = machine.free_port()
    with tempfile.TemporaryFile() as log, contextlib.ExitStack() as stack:
        server = stack.enter_context(
            machine.running(
                contestant.command_line(port),
                core=machine.SERVER_CORE,
                environment=contestant.environ(),
                folder=ROOT,
                log=log,
            )
        )
        if not machine.wait_for_port(server, port, START_S):
            raise TrialError(f"{contestant.title} did not start: {_tail(log)}")
        rss_kib = machine.rss_kib(server.pid)
        generator = stack.enter_context(
            machine.running(
                generator_command(contestant, port, timing),
                core=machine.GENERATOR_CORE,
                environment=os.environ,
                folder=ROOT,
                log=log,
                piped=True,
            )
        )
        yield lambda players: _hold(contestant, server, generator, players, timing, rss_kib, log)


def generator_command(contestant: Contestant, port: int, timing: Timing) -> list[str]:
    """Return the command line of the generator for this server."""
    options = {
        "--port": port,
        "--language": contestant.language,
        "--inputs": contestant.inputs,
        "--warm-ms": timing.warm_ms,
    }
    return [str(GENERATOR), *(str(word) for option in options.items() for word in option)]


def _hold(
    contestant: Contestant,
    server: subprocess.Popen[str],
    generator: subprocess.Popen[str],
    players: int,
    timing: Timing,
    rss_kib: int,
    log: IO[bytes],
) -> Step:
    assert generator.stdin is not None
    assert generator.stdout is not None
    generator.stdin.write(f"step {players} {timing.hold_s}\n")
    generator.stdin.flush()
    generator.stdout.readline()  # the hold begins
    before = machine.clocks(server.pid)
    line = generator.stdout.readline()
    after = machine.clocks(server.pid)
    if server.poll() is not None or not line:
        who = contestant.title if server.poll() is not None else "The generator"
        raise TrialError(f"{who} ended during a step of {players} players: {_tail(log)}")
    load = msgspec.json.decode(line, type=Load)
    seconds = after.wall - before.wall
    server_cpu = (after.process - before.process) / seconds
    return Step(
        load=load,
        server_cpu=server_cpu,
        server_rss_kib=machine.rss_kib(server.pid) - rss_kib,
        foreign_cpu=max(0.0, (after.busy - before.busy) / seconds - server_cpu - load.cpu),
    )


def _tail(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read()[-600:].decode(errors="replace").strip() or "it said nothing."
