"""One run in a sentence: how far the players' frames came in time, and where they no longer did; pure."""

from dataclasses import dataclass
from typing import Final

from loadtest.latencies import LATE_MS
from loadtest.result import Result, Step
from loadtest.verdict.figures import amount

BUDGET_MS: Final = 50.0  # of a tick, 20 a second
LIMIT_MS: Final = LATE_MS[0]
GAPS_MIN: Final = 500  # of a step: with fewer its p99 is two or three gaps


@dataclass(frozen=True, slots=True)
class Break:
    """The first step whose gap p99 was over the limit."""

    step: Step
    held: int  # most players of a step before it


def first_break(result: Result) -> Break | None:
    """Return where the gap p99 was first over 60 ms, or None if it never was."""
    held = 0
    for step in result.steps:
        if step.gap.count < GAPS_MIN:
            continue
        if step.gap.p99_ms > LIMIT_MS:
            return Break(step, held)
        held = max(held, step.players)
    return None


def most_players(result: Result) -> int:
    """Return how many were connected at once."""
    return max((moment.open for moment in result.series), default=0)


def headline(result: Result) -> str:
    """Return the sentence, without its full stop."""
    if not result.gap.count:
        return "No player got a frame"
    broke = first_break(result)
    whole = f"{most_players(result):,} players, gap p99 {amount(round(result.gap.p99_ms, 1), 'ms')}"
    if result.verdict is not None and result.verdict.outcome == "inconclusive":
        return f"Inconclusive: {whole}"
    if broke is None:
        return whole
    before = f"In time up to {broke.held:,} players" if broke.held else "Never in time"
    return f"{before}; at {broke.step.players:,} the gap p99 is {amount(round(broke.step.gap.p99_ms, 1), 'ms')}"


def circumstances(result: Result) -> str:
    """Return how it was measured, in a line."""
    plan = result.plan
    version = f"Flotilla {result.version}" if result.version else "an unknown version"
    parts = [plan.scenario, f"protocol {plan.protocol}", f"inputs {plan.inputs}", f"by load test of {version}"]
    return " · ".join([*parts, result.started_at[:10]])
