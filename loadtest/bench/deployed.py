"""The capacity of a deployed release: judged by its objectives up to one size, then measured up to its knee.

There is no textbook server beside it, and a ratio to a server on another machine means nothing. So only the objectives
of loadtest/slo/ramp.toml decide. The knee is reported and not judged.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from loadtest.judge.slo import load
from loadtest.judge.ticks import Standing, standing
from loadtest.judge.verdict import judge
from loadtest.measure.result import Result, Step, Verdict
from loadtest.outcome import Outcome

SLO: Final = "ramp"
JUDGED: Final = (0.25, 0.5, 0.75, 1.0)  # of the size to carry: the steps that are judged
BEYOND: Final = (1.25, 1.5, 2.0, 3.0)  # the steps that search the knee

Climb = Callable[[str, Sequence[int]], Result]  # holds these sizes one after the other, with results in that folder


@dataclass(frozen=True, slots=True)
class Found:
    """The verdict on a release, and what it carried."""

    verdict: Verdict
    knee: int  # most players of a step in time before the first late step; 0 if there was none
    at: Step | None  # the last step that was judged
    cpu: float | None  # cores of the server meanwhile; None without its metrics


def measure(climb: Climb, players: int) -> Found:
    """Hold the sizes up to `players`, and if the objectives hold, larger ones."""
    judged = climb("judged", _sizes(players, JUDGED))
    verdict = judge(judged, load(SLO))
    cpu = judged.server.cpu if judged.server else None
    at = judged.steps[-1] if judged.steps else None
    if verdict.outcome != Outcome.PASS:
        return Found(verdict, knee(judged.steps), at, cpu)
    beyond = climb("beyond", _sizes(players, BEYOND))
    known = max(knee(judged.steps), knee(beyond.steps))
    reasons = [*verdict.reasons, _about_knee(known, beyond.steps)]
    return Found(msgspec.structs.replace(verdict, reasons=reasons), known, at, cpu)


def knee(steps: Sequence[Step]) -> int:
    """Return the most players in time before the first late step that is not explained by chance (see ticks.py)."""
    slo = load(SLO)
    bound = slo.objectives.bounds()["gap_p99_ms"].at_most
    judged = [step for step in steps if step.gap.count >= slo.conclusive.step_gaps_min]
    held = 0
    for step in judged:
        if step.gap.p99_ms > bound and standing(step, judged, bound) is not Standing.CHANCE:
            break
        held = max(held, step.players)
    return held


def _about_knee(known: int, steps: Sequence[Step]) -> str:
    if steps and knee(steps) >= max(step.players for step in steps):
        return f"No knee up to {known:,} players."
    lag_max_ms = load(SLO).conclusive.lag_p99_ms
    late = any(step.players > known and step.lag_p99_ms > lag_max_ms for step in steps)
    return f"The knee is at {known:,} players{', or the generator was late there' if late else ''}; it is not judged."


def _sizes(players: int, shares: Sequence[float]) -> list[int]:
    return sorted({max(1, round(players * share)) for share in shares})
