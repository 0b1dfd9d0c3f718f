"""Whether a night's ratio to the textbook server is as the baseline says; pure. Absolute counts decide nothing.

A capacity is at least what was found: steps may have failed by the generator's doing, or by that of other programs.
So where that is in doubt for the server under test, its ratio is at least the one found: it can pass and not fail.
Where it is in doubt for the textbook server the ratio is at most the one found: it can fail and not pass.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from loadtest.bench.capacity.baseline import ALLOWED_LOSS
from loadtest.bench.capacity.figures import Round
from loadtest.bench.capacity.measure import Result
from loadtest.bench.capacity.verdict import RATIOS
from loadtest.judge.judge import FAILED, INCONCLUSIVE, PASSED
from loadtest.measure.step import MAX_GAP_MS, Step

OURS = "ours"
TEXTBOOK = "textbook"


@dataclass(frozen=True, slots=True)
class Night:
    """What one night found, and what it means."""

    outcome: str  # pass, fail, inconclusive
    reasons: list[str]  # sentences, most telling first
    players: int  # carried, median over rounds
    ratio: float | None  # to the textbook server; None if that carried nobody
    at: Step | None  # the step of that capacity; None if nobody was carried


def judge(rounds: Sequence[Round], kept: float, *, same_machine: bool = True) -> Night:
    """Return what `rounds` say against the ratio `kept` of the baseline.

    A ratio moves less than a count from one kind of machine to another, but it moves: to the baseline of another kind
    only the ratio is asked that Flotilla must have on any.
    """
    ours, textbook = ([one[name] for one in rounds] for name in (OURS, TEXTBOOK))
    players, yardstick = (round(median(result.capacity for result in results)) for results in (ours, textbook))
    ratio = _ratio(ours, textbook)
    bound = kept * (1 - ALLOWED_LOSS[TEXTBOOK]) if same_machine else RATIOS[TEXTBOOK].bound
    doubts = [*_doubts("Flotilla", ours), *_doubts("the textbook server", textbook)]
    outcome = _outcome(ratio, bound, ours=any(_doubts("", ours)), textbook=any(_doubts("", textbook)))
    whose = "" if same_machine else " of another kind of machine"
    found = _sentence(players, yardstick, ratio, f"the baseline{whose} is {kept:.1f} times, at least {bound:.1f} pass")
    causes = list(_causes(ours)) if outcome == FAILED else []
    reasons = [*doubts, found] if outcome == INCONCLUSIVE else [found, *causes, *doubts]
    return Night(outcome, reasons, players, ratio, _at(ours, players))


def _outcome(ratio: float | None, bound: float, *, ours: bool, textbook: bool) -> str:
    """Return the outcome; `ours` and `textbook` tell whose capacity is in doubt, and so may be more."""
    if ratio is None:
        return INCONCLUSIVE
    if ratio >= bound:
        return INCONCLUSIVE if textbook else PASSED
    return INCONCLUSIVE if ours else FAILED


def _ratio(ours: Sequence[Result], textbook: Sequence[Result]) -> float | None:
    if not all(result.capacity for result in textbook):
        return None
    return float(median(one.capacity / other.capacity for one, other in zip(ours, textbook, strict=True)))


def _doubts(who: str, results: Sequence[Result]) -> Iterator[str]:
    """Say for each round why the capacity may be more than was found."""
    for number, result in enumerate(results, 1):
        excused = [step for step in _undecided(result) if step.generator_limited]
        disturbed = [step for step in _undecided(result) if not step.generator_limited]
        if excused:
            yield f"Round {number}: the generator was late or busy itself{_where(excused)} when {who} failed."
        elif disturbed:
            used = max(step.foreign_cpu for step in disturbed)
            yield f"Round {number}: other programs used {used:.0%} of a core{_where(disturbed)} when {who} failed."
        elif result.open_ended:
            yield f"Round {number}: {who} carried all that the generator can send."


def _undecided(result: Result) -> list[Step]:
    """Return the failed steps of sizes that never failed by the server's own doing."""
    failed = [step for step in result.steps if not step.held and step.load.target > result.capacity]
    blamed = [step.load.target for step in failed if not (step.generator_limited or step.disturbed)]
    return [step for step in failed if step.load.target < min(blamed, default=step.load.target + 1)]


def _where(steps: Sequence[Step]) -> str:
    lag, cpu = max(step.load.lag.p99_ms for step in steps), max(step.load.cpu for step in steps)
    return f" at {min(step.load.target for step in steps):,} players (late by p99 {lag:.1f} ms, {cpu:.0%} of its core)"


def _sentence(players: int, yardstick: int, ratio: float | None, asked: str) -> str:
    if ratio is None:
        return "The textbook server carried nobody here, so that there is no ratio to it."
    return f"Flotilla carried {players:,} players, {ratio:.1f} times the textbook server's {yardstick:,}; {asked}."


def _causes(ours: Sequence[Result]) -> Iterator[str]:
    """Say what the smallest failed step of each round broke."""
    for number, result in enumerate(ours, 1):
        failed = [step for step in result.steps if not step.held and not step.generator_limited]
        if failed:
            step = min(failed, key=lambda one: one.load.target)
            yield (
                f"Round {number}: at {step.load.target:,} players {', '.join(step.complaints)}"
                f" (at most {MAX_GAP_MS:g} ms);"
                f" frames came every {step.load.gap.p50_ms:.0f} ms where a tick is 50,"
                f" and its core was {step.server_cpu:.0%} busy."
            )


def _at(ours: Sequence[Result], players: int) -> Step | None:
    held = [step for result in ours for step in result.steps if step.held]
    return min(held, key=lambda step: abs(step.load.target - players), default=None)
