import pytest

from loadtest.measure.slope import relative_per_hour, slope_per_s


@pytest.mark.parametrize(
    ("values", "slope"),
    [([5.0, 5.0, 5.0], 0.0), ([0.0, 2.0, 4.0], 1.0), ([4.0, 2.0, 0.0], -1.0)],
)
def test_the_slope_is_that_of_the_best_line(values: list[float], slope: float) -> None:
    """By least squares."""
    assert slope == pytest.approx(slope_per_s([0.0, 2.0, 4.0], values))


def test_one_value_has_no_slope() -> None:
    """It is 0, without a division by zero."""
    assert 0.0 == slope_per_s([1.0], [5.0])


def test_growth_is_relative_and_an_hours() -> None:
    """100 MB that grow by 1 MB in six minutes grow by a tenth an hour; the first tenth of the time does not count."""
    seconds = [60.0 * minute for minute in range(11)]
    sizes = [1.0, *(100.0 + minute / 6 for minute in range(10))]
    assert 0.1 == pytest.approx(relative_per_hour(seconds, sizes), rel=0.01)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_values_have_no_growth(count: int) -> None:
    """Two points make a line of any noise."""
    assert relative_per_hour([float(place) for place in range(count)], [5.0] * count) is None
