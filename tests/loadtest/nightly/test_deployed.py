"""loadtest/capacity/deployed.py: where the knee of a deployed release is."""

from loadtest.capacity.deployed import knee
from loadtest.latencies import Spread
from loadtest.result import Step


def climbed(*steps: tuple[int, float]) -> list[Step]:
    return [
        Step(10.0 * number, 10.0 * number + 10, players, Spread(count=2000, p50_ms=50, p99_ms=p99_ms, max_ms=p99_ms))
        for number, (players, p99_ms) in enumerate(steps)
    ]


def test_the_knee_is_the_last_step_in_time_before_one_that_was_not() -> None:
    """A later step that happens to hold again does not count."""
    assert 50 == knee(climbed((25, 52), (50, 59), (75, 61), (100, 55)))


def test_without_a_step_in_time_there_is_no_knee() -> None:
    """Nobody was carried."""
    assert 0 == knee(climbed((25, 80)))
    assert 0 == knee([])


def test_a_step_with_few_gaps_says_nothing() -> None:
    """Its p99 would be one or two gaps."""
    few = [Step(0, 1, 5, Spread(count=100, p99_ms=90, max_ms=90)), *climbed((25, 52))]
    assert 25 == knee(few)
