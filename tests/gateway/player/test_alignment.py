import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gateway.player.alignment import FREE_S, LEAD_S, MAX_AGE_S, TICK_S, Alignment


def aligned(now: float, age: float) -> Alignment:
    made = Alignment()
    made.frame(now, age)
    return made


def test_without_frames_a_batch_goes_each_half_tick() -> None:
    """Also when frames stopped."""
    assert FREE_S == Alignment().wait(5.0)
    assert FREE_S == aligned(5.0, 0.0).wait(5.2)


@pytest.mark.parametrize("passed", [0.0, 0.003, 0.03, 0.06, 0.11])
def test_a_batch_is_sent_shortly_before_the_next_tick(passed: float) -> None:
    """Also if the frames of one or two ticks did not come."""
    send_at = 5.0 + passed + aligned(5.0, 0.002).wait(5.0 + passed)
    assert TICK_S - LEAD_S == pytest.approx((send_at - 4.998) % TICK_S)


def test_the_next_batch_is_for_the_next_tick() -> None:
    """A timer that fires a little early sends no second batch for the same tick."""
    alignment = aligned(5.0, 0.0)
    early = 5.0 + TICK_S - LEAD_S - 0.001
    assert TICK_S + 0.001 == pytest.approx(alignment.wait(early))


@pytest.mark.parametrize(("age", "counted"), [(-3600.0, 0.0), (3600.0, MAX_AGE_S)])
def test_clocks_that_differ_move_the_batch_by_half_a_tick_at_most(age: float, counted: float) -> None:
    """Then the tick of an input is later by one at most."""
    assert aligned(5.0, counted).wait(5.0) == aligned(5.0, age).wait(5.0)


@given(st.floats(0, 100), st.floats(-1, 1), st.floats(0, 1))
def test_a_batch_is_never_far_away(now: float, age: float, passed: float) -> None:
    """An input waits for less than a tick and a half."""
    assert 0 < aligned(now, age).wait(now + passed) <= TICK_S * 1.5
