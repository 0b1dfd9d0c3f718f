"""A deployed release by its URL: held to its objectives up to one size, and then led on to its knee.

There is no textbook server beside it, and a ratio to one on another machine means nothing. So only the objectives of
loadtest/slo/ramp.toml decide, up to the size that the release has to carry; the knee beyond is told and judges nothing.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from loadtest.judge.judge import PASSED, judge
from loadtest.judge.slo import load
from loadtest.judge.ticks import Standing, standing
from loadtest.measure import result
from loadtest.measure.result import Result, ResultError, Step, Verdict
from loadtest.measure.results_folder import RESULT
from loadtest.outcome import CannotRunError

SLO: Final = "ramp"
UP_TO: Final = (0.25, 0.5, 0.75, 1.0)  # of the size to carry: the steps that are judged
BEYOND: Final = (1.25, 1.5, 2.0, 3.0)  # and those that look for the knee
RATE: Final = 20.0  # players a second between steps


@dataclass(frozen=True, slots=True)
class Site:
    """What is asked of a deployed release."""

    url: str
    players: int  # that it has to carry
    hold_s: float
    options: Sequence[str]  # for `python -m loadtest ramp`: --metrics, --origin and so on


@dataclass(frozen=True, slots=True)
class Found:
    """What became of it."""

    verdict: Verdict
    knee: int  # most players of a step in time, up to the first that was not; 0 if there was none
    at: Step | None  # the last step that was judged
    cpu: float | None  # cores of the server meanwhile, where it was asked


def measure(site: Site, folder: Path) -> Found:
    """Make both climbs and return what they found; raises CannotRunError."""
    judged = _climb(site, UP_TO, folder / "judged")
    verdict = judge(judged, load(SLO))
    cpu = judged.server.cpu if judged.server else None
    at = judged.steps[-1] if judged.steps else None
    if verdict.outcome != PASSED:
        return Found(verdict, knee(judged.steps), at, cpu)
    beyond = _climb(site, BEYOND, folder / "beyond")
    known = max(knee(judged.steps), knee(beyond.steps))
    return Found(_with(verdict, _told(known, beyond.steps)), known, at, cpu)


def knee(steps: Sequence[Step]) -> int:
    """Return the most players that were in time before anybody was not, but for what chance makes (see ticks.py)."""
    slo = load(SLO)
    bound = slo.objectives.bounds()["gap_p99_ms"].at_most
    judged = [step for step in steps if step.gap.count >= slo.conclusive.step_gaps_min]
    held = 0
    for step in judged:
        if step.gap.p99_ms > bound and standing(step, judged, bound) is not Standing.CHANCE:
            break
        held = max(held, step.players)
    return held


def _told(known: int, steps: Sequence[Step]) -> str:
    if steps and knee(steps) >= max(step.players for step in steps):
        return f"No knee up to {known:,} players."
    slo = load(SLO)
    late = any(step.players > known and step.lag_p99_ms > slo.conclusive.lag_p99_ms for step in steps)
    return f"The knee is at {known:,} players{', or the generator was late there' if late else ''}: told, not judged."


def _with(verdict: Verdict, reason: str) -> Verdict:
    return msgspec.structs.replace(verdict, reasons=[*verdict.reasons, reason])


def _climb(site: Site, shares: Sequence[float], folder: Path) -> Result:
    steps = ",".join(map(str, sorted({max(1, round(site.players * share)) for share in shares})))
    words = ["--url", site.url, "--steps", steps, "--rate", str(RATE), "--hold", str(site.hold_s), "--out", str(folder)]
    command = [sys.executable, "-m", "loadtest", "ramp", *words, *site.options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as ramp:  # noqa: S603  # ourselves
        try:
            _, told = ramp.communicate()
        except KeyboardInterrupt:
            ramp.terminate()  # it writes what it saw
            ramp.communicate()
            raise
    try:
        return result.read(folder / RESULT)
    except ResultError as error:
        said = told.strip().splitlines()
        raise CannotRunError(said[-1] if said else str(error)) from None
