import pytest

from loadtest.scrape.slope import slope_per_s


@pytest.mark.parametrize(
    ("values", "slope"),
    [([5.0, 5.0, 5.0], 0.0), ([0.0, 2.0, 4.0], 1.0), ([4.0, 2.0, 0.0], -1.0)],
)
def test_the_slope_is_that_of_the_best_line(values: list[float], slope: float) -> None:
    """By least squares."""
    assert slope == pytest.approx(slope_per_s([0.0, 2.0, 4.0], values))


def test_one_look_has_no_slope() -> None:
    """Nothing is divided by zero."""
    assert 0.0 == slope_per_s([1.0], [5.0])
