"""Tests of loadtest/report/curves.py: few points, none of which hides a bad second."""

from math import isnan

from hypothesis import given
from hypothesis import strategies as st

from loadtest.measure.latencies import Spread
from loadtest.measure.result import Moment
from loadtest.report.curves import curves, known


def test_a_short_run_is_drawn_second_by_second() -> None:
    """Nothing is put together that has room."""
    found = curves([moment(second, 50.0 + second) for second in range(1, 91)])
    assert 1 == found.each
    assert [50.0 + second for second in range(1, 91)] == found.p99


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=400), st.integers(1, 50))
def test_the_worst_second_is_always_drawn(p99_ms: list[float], points: int) -> None:
    """For any number of seconds in a point, and with at most `points` points."""
    found = curves([moment(second, value) for second, value in enumerate(p99_ms)], points)
    assert len(found.p99) <= points
    assert max(p99_ms) == max(found.p99)
    assert len(p99_ms) - 1 == found.t_s[-1]


def test_a_second_without_frames_is_a_hole() -> None:
    """Nothing was measured, which is not 0 ms."""
    found = curves([Moment(1.0, 1, 0, 0, Spread()), moment(2, 50.0)])
    assert isnan(found.p99[0])
    assert [50.0] == known(found.p99)
    assert [] == known(found.tick)


def test_a_run_without_seconds_has_no_points() -> None:
    """An interrupted start is drawn as nothing."""
    assert [] == curves([]).t_s


def test_losses_are_summed_and_not_thinned_out() -> None:
    """Of ten seconds with a close each, a point has ten."""
    found = curves([Moment(float(second), 1, 1, 20, Spread(), failures=1, closes=1) for second in range(10)], 1)
    assert [20.0] == found.lost


def moment(second: float, p99_ms: float) -> Moment:
    return Moment(float(second), 1, 1, 20, Spread(20, 50.0, 50.0, p99_ms, p99_ms))
