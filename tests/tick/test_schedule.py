import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tick.schedule import MAX_STEPS, Due, Schedule

PERIOD = 0.05


def test_nothing_is_due_before_the_deadline() -> None:
    """Woken too early, the loop does nothing and the deadline stays."""
    schedule = Schedule(100.0, PERIOD)
    assert Due(0, 0, 0.0) == schedule.due(100.049)
    assert 100.05 == schedule.deadline


def test_a_step_is_due_at_the_deadline() -> None:
    """And the next one a period later, however late the wake-up was."""
    schedule = Schedule(100.0, PERIOD)
    due = schedule.due(100.07)
    assert (1, 0) == (due.steps, due.slipped)
    assert pytest.approx(0.02) == due.lateness
    assert pytest.approx(100.10) == schedule.deadline


@pytest.mark.parametrize(("periods", "steps", "slipped"), [(1, 1, 0), (2, 2, 0), (3, 3, 0), (4, 3, 1), (1000, 3, 997)])
def test_a_late_loop_catches_up_by_two_steps_at_most(periods: int, steps: int, slipped: int) -> None:
    """The rest slips, and is returned as slipped."""
    due = Schedule(100.0, PERIOD).due(100.0 + (periods + 0.5) * PERIOD)
    assert (steps, slipped) == (due.steps, due.slipped)


@given(st.floats(0, 1e6), st.floats(0.001, 10), st.lists(st.floats(0, 20), max_size=200))
def test_steps_and_slips_are_the_elapsed_periods(start: float, period: float, sleeps: list[float]) -> None:
    """For any wake-ups nothing adds up: after each, the ticks done are the time that has passed."""
    schedule = Schedule(start, period)
    now, done = start, 0
    for sleep in sleeps:
        now += sleep * period
        due = schedule.due(now)
        done += due.steps + due.slipped
        assert 0 <= due.steps <= MAX_STEPS
        assert due.lateness >= 0
        assert math.isclose(done, (now - start) / period, abs_tol=1.0 + 1e-6)
        assert schedule.deadline > now - period * 1e-6 - 1e-9


@given(st.lists(st.floats(0, 0.9), min_size=2, max_size=300))
def test_a_loop_that_is_late_by_less_than_a_period_runs_every_tick(latenesses: list[float]) -> None:
    """Deadlines are start + n * period, so that lateness does not shift the next one."""
    schedule = Schedule(0.0, PERIOD)
    deadlines = []
    for lateness in latenesses:
        deadlines.append(schedule.deadline)
        assert 1 == schedule.due(schedule.deadline + lateness * PERIOD).steps
    assert all(math.isclose(later - sooner, PERIOD, rel_tol=1e-6) for sooner, later in pairwise(deadlines))
