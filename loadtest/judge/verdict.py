"""A result against its objectives: pass, fail or inconclusive; pure.

A broken objective about time is no failure if the generator was late, because it may have measured itself, or if other
programs used the machine that generator and server share. Close codes, undecodable frames and, for a late generator,
the server's own tick have no such excuse. Worse figures never turn a failure into a pass.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.judge.figures import FIGURES, Figure, amount
from loadtest.judge.slo import Bound, Closes, Conclusive, JoinSuccess, Slo
from loadtest.judge.ticks import Standing, standing
from loadtest.measure.result import Check, Moment, Result, Step, Verdict
from loadtest.outcome import Outcome

LATE: Final = "the generator was late"
CHANCE: Final = "with so few late ticks that they may be chance; the later steps held"
UNCLEAR: Final = "so few late ticks may be chance, and later steps do not decide it: repeat the run or hold it longer"
TOO_SLOW: Final = 4002  # the server closes a peer that does not read; a late generator is such a peer


@dataclass(frozen=True, slots=True)
class Finding:
    """A check and its meaning."""

    check: Check
    excuse: str = ""  # why a broken check is no failure of the server
    required: bool = False
    remark: str = ""  # about a check that holds


def judge(result: Result, slo: Slo) -> Verdict:
    """Return the verdict on `result` by the objectives `slo`."""
    findings = list(_findings(result, slo))
    doubts = list(_doubts(result, slo.conclusive))
    broken = [one.check for one in findings if one.check.holds is False and not one.excuse]
    excused = [one for one in findings if one.excuse]
    missing = [one.check for one in findings if one.check.holds is None and one.required]
    reasons = [
        *(f"{_capital(check.objective)}: {check.detail}." for check in broken),
        *(f"{_capital(one.check.objective)}: {one.check.detail}, but {one.excuse}." for one in excused),
        *doubts,
        *(f"{_capital(check.objective)}: {check.detail}, and the objectives require it." for check in missing),
    ]
    outcome = Outcome.FAIL if broken else Outcome.INCONCLUSIVE if reasons else Outcome.PASS
    if outcome is Outcome.PASS:
        reasons = [*_held(result, findings)]
    return Verdict(outcome, slo.name, reasons, [one.check for one in findings])


def _findings(result: Result, slo: Slo) -> Iterator[Finding]:
    for name, bound in slo.objectives.bounds().items():
        over = _over_steps if bound.over == "steps" else _over_run
        yield over(result, FIGURES[name], bound, slo.conclusive)
    if slo.objectives.join_success is not None:
        yield _join_success(result, slo.objectives.join_success, slo.conclusive)
    if slo.objectives.abnormal_closes is not None:
        yield _abnormal_closes(result, slo.objectives.abnormal_closes, slo.conclusive)


def _over_run(result: Result, figure: Figure, bound: Bound, conclusive: Conclusive) -> Finding:
    objective = _objective(figure, bound)
    value = figure.of(result)
    if value is None:
        return Finding(Check(objective, None, bound.at_most, None, "not measured"), required=bound.required)
    holds = value <= bound.at_most
    detail = amount(value, figure.unit)
    if not holds:
        detail = f"broken with {_excess(value, bound.at_most, figure.unit)}{_began(result, figure, bound)}"
    excuse = "" if holds else _excuse(result, conclusive) if figure.timed else _starved(result, figure, conclusive)
    return Finding(Check(objective, value, bound.at_most, holds, detail), excuse)


def _over_steps(result: Result, figure: Figure, bound: Bound, conclusive: Conclusive) -> Finding:
    objective = f"{_objective(figure, bound)} in every step"
    known = list(_measured(result, figure, conclusive.step_gaps_min))
    if not known:
        return Finding(Check(objective, None, bound.at_most, None, "not measured in any step"), required=bound.required)
    worst = max(value for _, value in known)
    over = [(step, value) for step, value in known if value > bound.at_most]
    in_time = [step for step, _ in known if not figure.timed or step.lag_p99_ms <= conclusive.lag_p99_ms]
    meanings = [(step, value, _meaning(step, in_time, figure, bound)) for step, value in over]
    broken = [one for one in meanings if one[2] is not Standing.CHANCE]
    if not broken:
        remark = "; ".join(f"{_broke(step, value, figure, bound)}, {CHANCE}" for step, value, _ in meanings)
        detail = f"at worst {amount(worst, figure.unit)}"
        return Finding(Check(objective, worst, bound.at_most, holds=True, detail=detail), remark=remark)
    starved = _starved(result, figure, conclusive)
    sure = [] if starved else [one for one in broken if one[2] is Standing.BROKEN]
    step, value, meaning = (sure or broken)[0]
    held = max((other.players for other, _ in known if other.to_s <= step.from_s), default=None)
    detail = f"first broken {_broke(step, value, figure, bound)}"
    detail += "" if held is None else f"; up to {held:,} players it held"
    excuse = "" if sure else LATE if meaning is None else starved or UNCLEAR
    return Finding(Check(objective, worst, bound.at_most, holds=False, detail=detail), excuse)


def _meaning(step: Step, in_time: Sequence[Step], figure: Figure, bound: Bound) -> Standing | None:
    """Return what a step over its bound shows of the server; None if the generator was late in it."""
    if step not in in_time:
        return None
    return standing(step, in_time, bound.at_most) if figure.of_ticks else Standing.BROKEN


def _broke(step: Step, value: float, figure: Figure, bound: Bound) -> str:
    return f"at {_place(step)} with {_excess(value, bound.at_most, figure.unit)}"


def _objective(figure: Figure, bound: Bound) -> str:
    if not bound.at_most and not figure.unit:
        return f"no {figure.title}"
    return f"{figure.title} at most {amount(bound.at_most, figure.unit)}"


def _measured(result: Result, figure: Figure, gaps_min: int) -> Iterator[tuple[Step, float]]:
    assert figure.of_step is not None
    for step in result.steps:
        value = figure.of_step(step)
        if value is not None and step.gap.count >= gaps_min:
            yield step, value


def _join_success(result: Result, bound: JoinSuccess, conclusive: Conclusive) -> Finding:
    least = 1.0 if result.joins < bound.flawless_below else bound.at_least
    objective = f"at least {least * 100:.4g} % of the joins succeed"
    if not result.joins:
        return Finding(Check(objective, None, least, None, "no players in the schedule"), required=True)
    value = max(0.0, 1 - result.joins_failed / result.joins)
    if value >= least:
        return Finding(Check(objective, value, least, holds=True, detail=f"{result.joins_failed:,} failed"))
    when = _first(result, lambda moment: moment.failures)
    detail = f"{result.joins_failed:,} of {result.joins:,} failed ({_kinds(result.errors) or 'of no known kind'}){when}"
    timeouts = result.errors.get("timeout", 0)  # the only kind that a late generator can cause
    only_timeouts = 1 - (result.joins_failed - timeouts) / result.joins >= least
    excuse = _excuse(result, conclusive) if only_timeouts else ""
    return Finding(Check(objective, value, least, holds=False, detail=detail), excuse)


def _abnormal_closes(result: Result, bound: Closes, conclusive: Conclusive) -> Finding:
    counted = {code: count for code, count in result.closes.items() if code not in map(str, bound.allowed)}
    total = sum(counted.values())
    besides = f" besides {', '.join(map(str, bound.allowed))}" if bound.allowed else ""
    objective = f"at most {bound.at_most:,} sockets closed{besides}" if bound.at_most else f"no socket closed{besides}"
    if total <= bound.at_most:
        return Finding(Check(objective, total, bound.at_most, holds=True, detail=_kinds(result.closes) or "none"))
    detail = f"{_kinds(counted)}{_first(result, lambda moment: moment.closes)}"
    own = total - counted.get(str(TOO_SLOW), 0) <= bound.at_most
    excuse = _excuse(result, conclusive) if own else ""
    return Finding(Check(objective, total, bound.at_most, holds=False, detail=detail), excuse)


def is_late(result: Result, conclusive: Conclusive) -> bool:
    """Return True if the times of this run may be the generator's own."""
    return any(True for _ in _lateness(result, conclusive))


def _excuse(result: Result, conclusive: Conclusive) -> str:
    """Return why the times of this run show nothing about the server; empty if they do."""
    return LATE if is_late(result, conclusive) else _crowded(result, conclusive)


def _starved(result: Result, figure: Figure, conclusive: Conclusive) -> str:
    return _crowded(result, conclusive) if figure.timed or figure.starvable else ""


def _crowded(result: Result, conclusive: Conclusive) -> str:
    # This excuses a broken objective, but a server that passes on a crowded machine has passed.
    used = result.generator.foreign_cpu
    if used is None or used <= conclusive.foreign_cpu_max:
        return ""
    return f"other programs used {used:.1f} cores of the machine (at most {conclusive.foreign_cpu_max:.1f})"


def _lateness(result: Result, conclusive: Conclusive) -> Iterator[str]:
    own = result.generator
    for value, most, unit, sentence in (
        (own.lag.p99_ms, conclusive.lag_p99_ms, "ms", "its loops woke {} late at p99"),
        (own.cpu_max, conclusive.cpu_max, "%", "its busiest process used {} of its core in a second"),
        (own.arrivals_late.p99_ms, conclusive.arrivals_late_p99_ms, "ms", "it began connections {} late at p99"),
    ):
        if value is not None and value > most:
            yield f"{sentence.format(amount(value, unit))} (at most {amount(most, unit)})"


def _doubts(result: Result, conclusive: Conclusive) -> Iterator[str]:
    yield from (f"The generator did not keep up: {sentence}." for sentence in _lateness(result, conclusive))
    dropped = result.generator.arrivals_dropped
    if dropped > conclusive.arrivals_dropped:
        yield f"The generator did not send {dropped:,} players of the schedule."
    if result.gap.count < conclusive.gaps_min:
        yield f"Only {result.gap.count:,} gaps were measured: a p99 needs {conclusive.gaps_min:,}."
    if result.interrupted:
        yield f"The run was interrupted after {result.seconds:.0f} s."


def _began(result: Result, figure: Figure, bound: Bound) -> str:
    """Return the step at which the figure first broke, if it is known."""
    if figure.event is not None:
        return _first(result, figure.event)
    for step in result.steps if figure.of_step else ():
        value = figure.of_step(step) if figure.of_step else None
        if value is not None and value > bound.at_most:
            return f", first at {_place(step)}"
    return ""


def _first(result: Result, events: Callable[[Moment], int]) -> str:
    for moment in result.series:
        if events(moment):
            return f", the first after {moment.t_s:.0f} s with {moment.open:,} players"
    return ""


def _place(step: Step) -> str:
    return f"{step.players:,} players ({step.from_s:.0f}–{step.to_s:.0f} s)"


def _excess(value: float, bound: float, unit: str) -> str:
    if not bound:
        return amount(value, unit)
    much = f"{(value / bound - 1) * 100:.2g} % over" if value < 2 * bound else f"{value / bound:.2g} times as much"
    return f"{amount(value, unit)}, {much}"


def _kinds(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} × {kind}" for kind, count in sorted(counts.items()))


def _held(result: Result, findings: Sequence[Finding]) -> Iterator[str]:
    most = max((moment.open for moment in result.series), default=0)
    unknown = [one.check.objective for one in findings if one.check.holds is None]
    what = f"{len(findings) - len(unknown)} objectives" if unknown else f"All {len(findings)} objectives"
    yield f"{what} held, up to {most:,} players at once."
    yield from (f"{_capital(one.check.objective)}: {one.remark}." for one in findings if one.remark)
    yield from (f"{_capital(objective)}: not measured." for objective in unknown)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
