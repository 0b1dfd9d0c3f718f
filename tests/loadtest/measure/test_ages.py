import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.measure.ages import Ages

TICK_S = 0.05


def test_a_frame_is_older_than_the_earliest_by_its_age() -> None:
    """The earliest may be of any tick."""
    ages = Ages()
    for tick, late in ((10, 0.004), (11, 0.001), (12, 0.021)):
        ages.add(1, tick, 100.0 + tick * TICK_S + late)
    assert [0.003, 0.0, 0.020] == pytest.approx(ages.close(), abs=1e-9)


def test_each_epoch_has_its_own_ages() -> None:
    """Ticks of two epochs are not compared."""
    ages = Ages()
    ages.add(1, 1000, 50.0)
    ages.add(2, 5, 51.0)
    assert [0.0, 0.0] == ages.close()


def test_a_window_forgets_the_one_before() -> None:
    """After skipped ticks, frames are old for a minute only."""
    ages = Ages()
    ages.add(1, 1, 0.05)
    ages.close()
    ages.add(1, 2, 9.0)
    assert [0.0] == ages.close()
    assert [] == ages.close()


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 10_000), st.floats(0, 1000)), min_size=1))
def test_ages_are_never_negative_and_one_is_nothing(arrivals: list[tuple[int, int, float]]) -> None:
    """The earliest frame has age 0."""
    ages = Ages()
    for arrival in arrivals:
        ages.add(*arrival)
    found = ages.close()
    assert len(arrivals) == len(found)
    assert 0.0 == min(found)
