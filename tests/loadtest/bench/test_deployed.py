"""loadtest/bench/deployed.py: the verdict on a deployed release, and its knee."""

from collections.abc import Sequence

from loadtest.bench.deployed import Found, knee, measure
from loadtest.measure.latencies import Spread
from loadtest.measure.result import Result, Step
from tests.loadtest.measure.results import bad, good, ramp


def climbed(*steps: tuple[int, float], late: float = 0.2) -> list[Step]:
    return [
        Step(
            *(10.0 * number, 10.0 * number + 10, players),
            Spread(count=2000, p50_ms=50, p99_ms=p99_ms, max_ms=p99_ms, over_60_ms=late * (p99_ms > 60)),
        )
        for number, (players, p99_ms) in enumerate(steps)
    ]


def test_the_knee_is_the_last_step_in_time_before_one_that_was_not() -> None:
    """A later step that happens to hold again does not count."""
    assert 50 == knee(climbed((25, 52), (50, 59), (75, 61), (100, 55)))


def test_two_hundredths_of_late_ticks_in_one_step_are_no_knee() -> None:
    """More players were in time after it."""
    assert 100 == knee(climbed((25, 52), (50, 61), (75, 55), (100, 55), late=0.02))


def test_without_a_step_in_time_there_is_no_knee() -> None:
    """The release carried no players."""
    assert 0 == knee(climbed((25, 80)))
    assert 0 == knee([])


def test_a_step_with_few_gaps_does_not_count() -> None:
    """Its p99 would be one or two gaps."""
    few = [Step(0, 1, 5, Spread(count=100, p99_ms=90, max_ms=90)), *climbed((25, 52))]
    assert 25 == knee(few)


def measured(judged: Result, beyond: Result) -> tuple[Found, dict[str, Sequence[int]]]:
    climbs: dict[str, Sequence[int]] = {}

    def climb(name: str, sizes: Sequence[int]) -> Result:
        climbs[name] = sizes
        return {"judged": judged, "beyond": beyond}[name]

    return measure(climb, 90), climbs


def test_a_release_that_holds_is_loaded_up_to_its_knee() -> None:
    """A break beyond its size is reported and not judged."""
    found, climbs = measured(good(), bad())

    assert {"judged": [22, 45, 68, 90], "beyond": [112, 135, 180, 270]} == climbs
    assert ("pass", 90) == (found.verdict.outcome, found.knee)
    assert "The knee is at 90 players; it is not judged." == found.verdict.reasons[-1]


def test_a_release_without_a_knee_reports_the_largest_size() -> None:
    """All steps beyond its size were in time too."""
    found, _ = measured(good(), ramp(players=120))

    assert ("pass", 120) == (found.verdict.outcome, found.knee)
    assert "No knee up to 120 players." == found.verdict.reasons[-1]


def test_a_release_that_breaks_its_objectives_is_loaded_no_further() -> None:
    """It failed, and its knee is where it broke."""
    found, climbs = measured(bad(), good())

    assert ["judged"] == list(climbs)
    assert ("fail", knee(bad().steps)) == (found.verdict.outcome, found.knee)
    assert found.knee < 40
