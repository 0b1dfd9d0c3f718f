"""loadtest/bench/nightly/deployed.py: where the knee of a deployed release is."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from loadtest.bench.nightly import deployed
from loadtest.bench.nightly.deployed import BEYOND, UP_TO, Site, knee
from loadtest.measure.latencies import Spread
from loadtest.measure.result import Result, Step
from tests.loadtest.measure.results import bad, good, ramp

SITE = Site("ws://127.0.0.1:8000/ws/game/", 90, 30.0, [])


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
    """Nobody was carried."""
    assert 0 == knee(climbed((25, 80)))
    assert 0 == knee([])


def test_a_step_with_few_gaps_says_nothing() -> None:
    """Its p99 would be one or two gaps."""
    few = [Step(0, 1, 5, Spread(count=100, p99_ms=90, max_ms=90)), *climbed((25, 52))]
    assert 25 == knee(few)


def measured(
    monkeypatch: pytest.MonkeyPatch, folder: Path, judged: Result, beyond: Result
) -> tuple[deployed.Found, list[Sequence[float]]]:
    climbs: list[Sequence[float]] = []

    def climb(site: Site, shares: Sequence[float], _folder: Path) -> Result:
        climbs.append(shares)
        return judged if shares == UP_TO else beyond

    monkeypatch.setattr(deployed, "_climb", climb)
    return deployed.measure(SITE, folder), climbs


def test_a_release_that_holds_is_led_on_to_its_knee(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What breaks beyond its size is told and judges nothing."""
    found, climbs = measured(monkeypatch, tmp_path, good(), bad())

    assert [UP_TO, BEYOND] == climbs
    assert ("pass", 90) == (found.verdict.outcome, found.knee)
    assert "The knee is at 90 players: told, not judged." == found.verdict.reasons[-1]


def test_a_release_without_a_knee_says_how_far_it_was_led(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All steps beyond its size were in time too."""
    found, _ = measured(monkeypatch, tmp_path, good(), ramp(players=120))

    assert ("pass", 120) == (found.verdict.outcome, found.knee)
    assert "No knee up to 120 players." == found.verdict.reasons[-1]


def test_a_release_that_breaks_its_objectives_is_led_no_further(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It failed, and its knee is where it broke."""
    found, climbs = measured(monkeypatch, tmp_path, bad(), good())

    assert [UP_TO] == climbs
    assert ("fail", knee(bad().steps)) == (found.verdict.outcome, found.knee)
    assert found.knee < 40
