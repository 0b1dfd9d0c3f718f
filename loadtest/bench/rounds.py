"""The rounds of a run: each measures every server, in rotated order so that no position favours a server."""

import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from loadtest.bench.capacity import REPORT_AT, Capacity, find_capacity
from loadtest.bench.capacity_report import Calibration, Round
from loadtest.bench.contestants import BUSY, CALIBRATION, IDLE, Contestant
from loadtest.bench.search import CEILING, Plan
from loadtest.bench.trial import Timing, hold_once
from loadtest.load.compiler import build
from loadtest.measure.step import Step
from loadtest.paths import BUILD
from loadtest.processes import machine

CALIBRATION_FACTOR: Final = 1.3  # the generator must carry so many times the best server's players
CALIBRATION_ATTEMPTS: Final = 3
LATER_START: Final = 0.92  # of the last round's capacity: first step of a later round
LATER_GROWTH: Final = 1.1  # of a later round's climb
QUIET_S: Final = 2.0  # how long the machine is watched before the start
QUIET_CORES: Final = 0.1
_FIXED: Final = {IDLE.name, BUSY.name}  # held at 1,000 only: their CPU time is compared


@dataclass(frozen=True, slots=True)
class Pace:
    """How thorough a run is."""

    rounds: int
    timing: Timing
    precision: float
    attempts: int


THOROUGH: Final = Pace(3, Timing(2500, 10.0), 1.03, 2)
QUICK: Final = Pace(1, Timing(1500, 6.0), 1.1, 1)


def prepare(programs: Iterable[str] = ("generator", "broadcaster")) -> None:
    """Compile the programs, check the cores and raise the limit of open files. Raises CannotRunError."""
    for program in programs:
        build(program, BUILD)
    machine.check_cores()
    machine.raise_file_limit()


def play_rounds(contestants: Sequence[Contestant], pace: Pace) -> list[Round]:
    """Measure every server in every round. Raises CannotRunError."""
    rounds: list[dict[str, Capacity]] = []
    for number in range(pace.rounds):
        shift = number % len(contestants)
        order = [*contestants[shift:], *contestants[:shift]]
        last = rounds[-1] if rounds else {}
        rounds.append({one.name: _play(one, last.get(one.name), pace) for one in order})
    return [{one.name: found[one.name] for one in contestants} for found in rounds]


def calibrate(rounds: Sequence[Mapping[str, Capacity]], timing: Timing) -> Calibration:
    """Load the generator with 1.3 times the players of the best server with frames of equal size."""
    found = [one.players for each in rounds for one in each.values() if one.contestant.language in ("full", "bare")]
    wanted = min(ceil(CALIBRATION_FACTOR * max(found, default=REPORT_AT)), CEILING)
    step = hold_once(CALIBRATION, wanted, timing)
    for _ in range(CALIBRATION_ATTEMPTS - 1):
        if not carried(step):
            step = hold_once(CALIBRATION, wanted, timing)
    load = step.load
    return Calibration(wanted, carried(step), load.gap.p99_ms, load.lag.p99_ms, load.cpu)


def carried(step: Step) -> bool:
    """Return True if the step held and the generator was neither late nor busy."""
    return step.held and not step.generator_limited


def describe_machine() -> dict[str, str]:
    """Return processor, kernel and versions, and how busy the machine was before the run."""
    print(f"Measuring for {QUIET_S:g} s how busy the machine is.", file=sys.stderr, flush=True)
    before = machine.busy_s()
    time.sleep(QUIET_S)
    busy = (machine.busy_s() - before) / QUIET_S
    node = shutil.which("node")
    return {
        "processor": machine.processor(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        **({"node": subprocess.check_output([node, "--version"], text=True).strip()} if node else {}),  # noqa: S603  # the node that is measured
        "busy before the start": f"{busy:.2f} cores"
        + (": NOT quiet, the figures are disturbed" if busy > QUIET_CORES else ""),
    }


def _play(one: Contestant, last: Capacity | None, pace: Pace) -> Capacity:
    if one.name in _FIXED:
        step = hold_once(one, REPORT_AT, pace.timing)
        return Capacity(one, [step], REPORT_AT if step.held else 0)
    if last is None or not last.players:
        plan = Plan(one.first, precision=pace.precision, attempts=pace.attempts, least=one.least)
        return find_capacity(one, plan, pace.timing)
    begin = max(1, int(last.players * LATER_START))
    plan = Plan(begin, growth=LATER_GROWTH, precision=pace.precision, attempts=pace.attempts, least=one.least)
    return find_capacity(one, plan, pace.timing, [REPORT_AT] if begin > REPORT_AT else [])
