"""Results that differ from a good one in one way, for tests of verdicts."""

from typing import Any

import msgspec

from loadtest.judge.slo import Slo
from loadtest.measure.latencies import LATE_MS, Spread
from loadtest.measure.result import Generator, Result, Step
from tests.loadtest.measure import results


def slower(run: Result) -> Result:
    """The same run with all of its gaps and first frames longer."""
    steps = [msgspec.structs.replace(step, gap=ms(step.gap.p99_ms + 50)) for step in run.steps]
    return with_(run, steps=steps, first_frame=ms(run.first_frame.p99_ms + 900))


def later_by_ticks(run: Result, place: int) -> Result:
    """The same run with more late ticks in one of its steps."""
    gap = run.steps[place].gap
    more = some_late(min(1.0, gap.over_60_ms + 3 / 200), max(64.0, gap.max_ms))
    longer = {name: max(getattr(gap, name), getattr(more, name)) for name in gap.__struct_fields__}
    return with_step(run, place, gap=Spread(**{**longer, "count": gap.count}))


def late_in(run: Result, place: int) -> Result:
    """The same run by a generator that was late in one of its steps."""
    return with_step(run, place, lag_p99_ms=99.0)


def with_step(run: Result, place: int, **changes: Any) -> Result:
    steps = list(run.steps)
    steps[place] = msgspec.structs.replace(steps[place], **changes)
    return with_(run, steps=steps)


def stepped(*p99_ms: float) -> Result:
    """A run of ten seconds a step, with these gaps at 10, 20, … players."""
    return of_steps(*map(ms, p99_ms))


def of_late_ticks(*ticks: float) -> Result:
    """The same, with so many late ticks of the 200 in each step."""
    return of_steps(*(some_late(late / 200) for late in ticks))


def of_steps(*gaps: Spread) -> Result:
    steps = [Step(10.0 * place, 10.0 * (place + 1), 10 * (place + 1), gap) for place, gap in enumerate(gaps)]
    return with_(results.good(), steps=steps)


def ms(value: float, count: int = 5000) -> Spread:
    over = (float(value > limit) for limit in LATE_MS)
    return Spread(count, value, value, value, value, *over)


def some_late(share: float, late_ms: float = 64.0) -> Spread:
    """Gaps of which a share is late, in a step of 200 ticks."""
    p95, p99 = (late_ms if share > 1 - rank else 51.0 for rank in (0.95, 0.99))
    over = (share * (late_ms > limit) for limit in LATE_MS)
    return Spread(5000, 50.0, p95, p99, late_ms if share else 51.0, *over)


def lagging(run: Result, lag_ms: float, *, steps: bool = True) -> Result:
    """The same run by a generator that was late by that."""
    later = [msgspec.structs.replace(step, lag_p99_ms=lag_ms) for step in run.steps] if steps else run.steps
    own: Generator = msgspec.structs.replace(run.generator, lag=ms(lag_ms))
    return with_(run, generator=own, steps=later)


def crowded(run: Result, cores: float) -> Result:
    """The same run beside other programs."""
    return with_(run, generator=msgspec.structs.replace(run.generator, foreign_cpu=cores))


def without_tick(step: Step) -> Step:
    return msgspec.structs.replace(step, server_tick_p99_ms=None)


def enough(run: Result) -> Result:
    """The same run with the gaps of a soak."""
    return with_(run, gap=msgspec.structs.replace(run.gap, count=1_000_000))


def over_run(objectives: Slo, name: str) -> Slo:
    bound = msgspec.structs.replace(getattr(objectives.objectives, name), over="run")
    changed = msgspec.structs.replace(objectives.objectives, **{name: bound})
    return msgspec.structs.replace(objectives, objectives=changed)


def with_(run: Result, **changes: Any) -> Result:
    return msgspec.structs.replace(run, **changes)
