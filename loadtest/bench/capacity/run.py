"""The rounds of a run: every server in each, in rotated order, so that no place in it favours one."""

import platform
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from loadtest.bench.capacity.contestants import BUSY, CALIBRATION, IDLE, Contestant
from loadtest.bench.capacity.figures import Calibration, Round
from loadtest.bench.capacity.measure import REPORT_AT, Progress, Result, hold_once, measure
from loadtest.bench.capacity.search import CEILING, Plan
from loadtest.bench.capacity.trial import Timing
from loadtest.measure.step import Step
from loadtest.processes import machine

CALIBRATION_FACTOR: Final = 1.3  # how much more than the best server the generator has to carry
CALIBRATION_ATTEMPTS: Final = 3  # the machine may have hiccuped
LATER_START: Final = 0.92  # of the last round's capacity: where a later round's ramp begins
LATER_GROWTH: Final = 1.1  # of a later round's ramp
QUIET_S: Final = 2.0  # how long the machine is watched before the start
_FIXED: Final = {IDLE.name, BUSY.name}  # held at 1,000 only: their processor time is the point


@dataclass(frozen=True, slots=True)
class Pace:
    """How thorough a run is."""

    rounds: int
    timing: Timing
    precision: float
    attempts: int


THOROUGH: Final = Pace(3, Timing(2500, 10.0), 1.03, 2)
QUICK: Final = Pace(1, Timing(1500, 6.0), 1.1, 1)


def play_rounds(contestants: Sequence[Contestant], pace: Pace, progress: Progress) -> list[Round]:
    """Measure everyone in every round."""
    rounds: list[dict[str, Result]] = []
    for number in range(pace.rounds):
        shift = number % len(contestants)
        order = [*contestants[shift:], *contestants[:shift]]
        last = rounds[-1] if rounds else {}
        rounds.append({one.name: _play(one, last.get(one.name), pace, progress) for one in order})
    return [{one.name: results[one.name] for one in contestants} for results in rounds]


def calibrate(rounds: Sequence[Mapping[str, Result]], timing: Timing, progress: Progress) -> Calibration:
    """Ask of the generator 1.3 times what the best server with frames of equal size carried."""
    full = [
        result.capacity for one in rounds for result in one.values() if result.contestant.language in ("full", "bare")
    ]
    wanted = min(ceil(CALIBRATION_FACTOR * max(full, default=REPORT_AT)), CEILING)
    step = hold_once(CALIBRATION, wanted, timing, progress)
    for _ in range(CALIBRATION_ATTEMPTS - 1):
        if _carried(step):
            break
        step = hold_once(CALIBRATION, wanted, timing, progress)
    load = step.load
    return Calibration(wanted, _carried(step), load.gap.p99_ms, load.lag.p99_ms, load.cpu)


def describe_machine() -> dict[str, str]:
    """Say what this was measured on, and how quiet it was before."""
    before = machine.busy_s()
    time.sleep(QUIET_S)
    busy = (machine.busy_s() - before) / QUIET_S
    return {
        "processor": machine.processor(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "node": subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip(),  # noqa: S607  # the node that is on the PATH is the one that is measured
        "busy before the start": f"{busy:.2f} cores" + (": NOT quiet, the figures are disturbed" if busy > 0.1 else ""),  # noqa: PLR2004  # a tenth of a core
    }


def _play(one: Contestant, last: Result | None, pace: Pace, progress: Progress) -> Result:
    if one.name in _FIXED:
        step = hold_once(one, REPORT_AT, pace.timing, progress)
        return Result(one, [step], REPORT_AT if step.held else 0)
    if last is None or not last.capacity:
        plan = Plan(one.first, precision=pace.precision, attempts=pace.attempts, least=one.least)
        return measure(one, plan, pace.timing, progress)
    begin = max(1, int(last.capacity * LATER_START))
    first = [REPORT_AT] if begin > REPORT_AT else []
    plan = Plan(begin, growth=LATER_GROWTH, precision=pace.precision, attempts=pace.attempts, least=one.least)
    return measure(one, plan, pace.timing, progress, first)


def _carried(step: Step) -> bool:
    return step.held and not step.generator_limited
