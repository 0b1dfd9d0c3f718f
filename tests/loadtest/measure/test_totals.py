"""Tests of loadtest/measure/totals.py: a stall of the generator shows in its lag as much as in its gaps."""

import msgspec

from loadtest.judge import slo
from loadtest.judge.verdict import judge
from loadtest.measure.latencies import Latencies
from loadtest.measure.result import Step
from loadtest.measure.totals import Totals
from tests.loadtest.measure import results

STALL_S = 2.0


def stalled() -> tuple[Latencies, Latencies]:
    """Gaps and lag of ten seconds in which the generator slept for two: a measurement each 10 ms, a frame each 50."""
    totals = Totals()
    totals.lag += [0.0002] * 800 + [STALL_S]
    totals.gaps += [0.05] * 160 + [STALL_S]
    return totals.next_moment()


def test_a_stall_of_the_generator_shows_in_its_own_lag() -> None:
    """One late measurement of 801 would vanish above p99; it stands for the two hundred that were due meanwhile."""
    _, lag = stalled()
    assert lag.count == 800 + 200
    assert lag.quantile_ms(0.99) > 1900


def test_a_server_is_not_blamed_for_a_generator_that_slept() -> None:
    """The step is broken and inconclusive."""
    gaps, lag = stalled()
    step = Step(0.0, 10.0, 10, msgspec.structs.replace(gaps.spread(), count=1000), lag_p99_ms=lag.quantile_ms(0.99))
    run = msgspec.structs.replace(results.good(), steps=[step, *results.good().steps[1:]])
    assert "inconclusive" == judge(run, slo.load("ramp")).outcome


def test_each_moment_starts_empty_and_the_whole_keeps_all() -> None:
    """A duration is in one moment only."""
    totals = Totals()
    totals.lag.append(0.001)
    totals.next_moment()
    _, lag = totals.next_moment()
    assert (0, 1) == (lag.count, totals.whole["lag"].count)
