"""One run in a sentence: up to how many players frames came in time; pure."""

from dataclasses import dataclass
from typing import Final

from loadtest.judge.figures import amount
from loadtest.judge.slo import Conclusive
from loadtest.judge.ticks import Standing, standing
from loadtest.measure.latencies import LATE_MS
from loadtest.measure.result import Result, Step

BUDGET_MS: Final = 50.0  # of a tick, 20 a second
LIMIT_MS: Final = LATE_MS[0]
DOUBT: Final = "Inconclusive: "  # for pictures, which have no badge
_CONCLUSIVE: Final = Conclusive()  # the same rules as a verdict's


@dataclass(frozen=True, slots=True)
class Break:
    """The first step whose gap p99 was over the limit for certain."""

    step: Step
    held: int  # most players of a step before it


def first_break(result: Result) -> Break | None:
    """Return the first step with a gap p99 over 60 ms, neither by chance nor with a late generator; or None."""
    judged = [step for step in result.steps if step.gap.count >= _CONCLUSIVE.step_gaps_min]
    in_time = [step for step in judged if step.lag_p99_ms <= _CONCLUSIVE.lag_p99_ms]
    for step in in_time:
        if step.gap.p99_ms > LIMIT_MS and standing(step, in_time, LIMIT_MS) is Standing.BROKEN:
            before = (other.players for other in judged if other.to_s <= step.from_s)
            return Break(step, max(before, default=0))
    return None


def most_players(result: Result) -> int:
    """Return the most connected players."""
    return max((moment.open for moment in result.series), default=0)


def headline(result: Result) -> str:
    """Return the sentence, without its full stop."""
    if not result.gap.count:
        return "No player received a frame"
    broke = first_break(result)
    whole = f"{most_players(result):,} players, gap p99 {amount(round(result.gap.p99_ms, 1), 'ms')}"
    if result.verdict is not None and result.verdict.outcome == "inconclusive":
        return f"{DOUBT}{whole}"
    if broke is None:
        return whole
    before = f"In time up to {broke.held:,} players" if broke.held else "Never in time"
    return f"{before}; at {broke.step.players:,} the gap p99 is {amount(round(broke.step.gap.p99_ms, 1), 'ms')}"


def circumstances(result: Result) -> str:
    """Return scenario, protocol, inputs, version and day in a line."""
    plan = result.plan
    version = f"Flotilla {result.version}" if result.version else "an unknown version"
    parts = [plan.scenario, f"protocol {plan.protocol}", f"inputs {plan.inputs}", f"by load test of {version}"]
    return " · ".join([*parts, result.started_at[:10]])
