from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.load.profile import HOLD_PIECE_S, Profile, at_once, evenly, ramp, stairs


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    legs = draw(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 50)), min_size=1, max_size=6))
    points = [(0.0, 0)]
    for seconds, players in legs:
        points.append((points[-1][0] + seconds, points[-1][1] + players))
    return Profile(tuple(points), draw(st.floats(0, 1000)))


def test_the_tutorials_ramp_is_one_more_each_second() -> None:
    """The first arrives at once, the ninetieth after 89 s, and the test ends after 90 s."""
    profile = ramp(1.0, 90, 0.0)
    assert tuple(float(second) for second in range(90)) == profile.arrivals
    assert 90.0 == profile.seconds
    assert [0, 1, 1, 2, 90] == [profile.wanted(second) for second in (0.0, 0.5, 1.0, 1.5, 90.0)]


def test_a_storm_is_one_moment() -> None:
    """Every player is due at 0."""
    profile = at_once(300, 30.0)
    assert {0.0} == set(profile.arrivals)
    assert (300, 30.0, 0.0) == (profile.most_at_once, profile.seconds, profile.steepest_per_s)


def test_stairs_hold_each_size() -> None:
    """They rise at the rate, and the last hold is as long as the others."""
    profile = stairs(10.0, [20, 50], 5.0)
    assert ((0.0, 0), (2.0, 20), (7.0, 20), (10.0, 50)) == profile.points
    assert 15.0 == profile.seconds
    assert [(0.0, 2.0), (2.0, 7.0), (7.0, 10.0), (10.0, 15.0)] == profile.stretches()


@given(profiles())
def test_every_player_arrives_once_in_order_and_in_time(profile: Profile) -> None:
    """As many as the profile has, ascending, none after the last point."""
    arrivals = profile.arrivals
    assert profile.players == len(arrivals)
    assert list(arrivals) == sorted(arrivals)
    assert all(0 <= due <= profile.points[-1][0] for due in arrivals)


@given(profiles(), st.floats(0, 1000))
def test_wanted_players_are_due(profile: Profile, second: float) -> None:
    """Their number at a moment is the number of arrivals before it."""
    assert sum(due < second for due in profile.arrivals) == profile.wanted(second)


@given(profiles())
def test_stretches_are_the_whole_test_without_a_gap(profile: Profile) -> None:
    """Each begins at the end of the one before, and has about one size."""
    stretches = profile.stretches()
    assert all(before[1] == after[0] for before, after in pairwise(stretches))
    assert all(0 < end - begin <= HOLD_PIECE_S + 1e-6 for begin, end in stretches)
    if stretches:
        assert (0.0, profile.seconds) == (stretches[0][0], stretches[-1][1])


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0.1, 50))
def test_an_even_rate_fills_its_time(begin: float, length: float, per_s: float) -> None:
    """As many moments as the rate gives, all inside."""
    moments = evenly(begin, begin + length, per_s)
    assert pytest.approx(length * per_s, abs=1) == len(moments)
    assert all(begin <= moment < begin + length for moment in moments)
