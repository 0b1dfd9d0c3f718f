"""Tests of loadtest/report/headline.py: a sentence that is true of the run, and no late generator is its server."""

import msgspec

from loadtest.measure.latencies import Spread
from loadtest.measure.result import Verdict
from loadtest.report.headline import circumstances, first_break, headline
from tests.loadtest.measure import results


def test_a_run_in_time_says_how_many_and_how_late() -> None:
    """Players and the p99 of all gaps."""
    assert "90 players, gap p99 52.5 ms" == headline(results.good())


def test_a_run_that_broke_says_up_to_where_it_held() -> None:
    """The last size in time, and the first that was not."""
    assert headline(results.bad()).startswith("In time up to 20 players; at 30 the gap p99 is 6")


def test_a_run_that_never_held_says_so() -> None:
    """There is no size at which it was in time."""
    late = msgspec.structs.replace(results.bad(), steps=results.bad().steps[4:])
    assert headline(late).startswith("Never in time; at 50 the gap p99 is 2")


def test_an_inconclusive_run_is_not_blamed_on_the_server() -> None:
    """The generator may have caused it."""
    doubtful = msgspec.structs.replace(results.bad(), verdict=Verdict("inconclusive", "ramp", ["Late."], []))
    assert headline(doubtful).startswith("Inconclusive: 90 players, gap p99 ")


def test_a_run_without_frames_says_so() -> None:
    """Nothing was measured."""
    assert "No player received a frame" == headline(msgspec.structs.replace(results.good(), gap=Spread()))


def test_a_step_of_few_gaps_breaks_nothing() -> None:
    """Its p99 would be one or two gaps."""
    few = [msgspec.structs.replace(step, gap=Spread(100, 50, 90, 90, 90)) for step in results.good().steps]
    assert first_break(msgspec.structs.replace(results.good(), steps=few)) is None


def test_what_chance_or_a_late_generator_did_is_no_break() -> None:
    """The sentence and the shaded part of the picture agree with the verdict."""
    good = results.good()
    few = msgspec.structs.replace(good.steps[4], gap=Spread(5000, 50, 52, 64, 64, over_60_ms=0.02))
    late = msgspec.structs.replace(good.steps[4], gap=Spread(5000, 50, 80, 90, 90, over_60_ms=0.1), lag_p99_ms=21.0)
    for step in (few, late):
        assert first_break(msgspec.structs.replace(good, steps=[*good.steps[:4], step, *good.steps[5:]])) is None


def test_the_circumstances_name_what_was_played() -> None:
    """Scenario, protocol, inputs, version and day."""
    assert "ramp · protocol json · inputs people · by load test of Flotilla 0.1.0 · 2026-11-26" == circumstances(
        results.good()
    )
