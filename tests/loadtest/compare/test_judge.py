"""Tests of loadtest/compare/judge.py: a regression is said when it is sure, and never that there is none."""

import msgspec
import pytest

from loadtest.compare.judge import Finding, compare, finding
from loadtest.compare.resample import Change
from loadtest.compare.rounds import Round
from loadtest.latencies import Spread
from loadtest.outcome import Exit
from loadtest.result import Verdict
from tests.loadtest.compare.rounds import rounds

OLD = rounds("A", 52.0, 53.0, 54.0)


def test_equal_rounds_are_no_evidence() -> None:
    """Which is not the same as no regression."""
    found = compare(OLD, rounds("B", 52.5, 52.5, 54.0), 0.1)
    assert Exit.PASS == found.outcome
    assert "No evidence of a regression over 10 %." in found.sentences
    assert not any("no regression" in sentence.lower() for sentence in found.sentences)


def test_a_regression_beyond_the_threshold_fails() -> None:
    """By the name of its figure."""
    found = compare(OLD, rounds("B", 68.0, 69.0, 70.0), 0.1)
    assert Exit.FAIL == found.outcome
    assert "Regression over 10 %: gap p99." in found.sentences
    assert Finding.WORSE == found.rows[0].finding


def test_a_regression_within_the_threshold_is_shown_and_passes() -> None:
    """A threshold is there to be used."""
    found = compare(OLD, rounds("B", 68.0, 69.0, 70.0), 0.5)
    assert Exit.PASS == found.outcome
    assert Finding.WITHIN == found.rows[0].finding


def test_an_inconclusive_round_makes_all_of_it_inconclusive() -> None:
    """Also where the rest looks like a regression."""
    new = rounds("B", 68.0, 69.0, 70.0)
    doubtful = msgspec.structs.replace(new[0].result, verdict=Verdict("inconclusive", "ramp", ["Late."], []))
    found = compare(OLD, [Round("B0.json", doubtful), *new[1:]], 0.1)
    assert Exit.INCONCLUSIVE == found.outcome
    assert "B0.json is inconclusive: Late." == found.sentences[0]


def test_a_figure_that_a_round_lacks_is_left_out() -> None:
    """One round without the server's metrics, and its tick is not compared."""
    old = [Round(OLD[0].name, msgspec.structs.replace(OLD[0].result, server=None)), *OLD[1:]]
    found = compare(old, rounds("B", 52.5, 52.5, 54.0), 0.1)
    (tick,) = [row for row in found.rows if row.figure == "server tick p99"]
    assert Finding.UNKNOWN == tick.finding
    assert tick.change is None


def test_a_version_that_nobody_could_measure_is_not_as_good_as_one_that_was() -> None:
    """Who got no frame has no gaps, and what is not there is no evidence of anything."""
    nobody = [
        Round(one.name, msgspec.structs.replace(one.result, gap=Spread(), joins_failed=90))
        for one in rounds("B", 52.0, 52.0, 52.0)
    ]
    found = compare(OLD, nobody, 0.1)
    assert Exit.INCONCLUSIVE == found.outcome
    assert "Gap p99 is known of every old round, and of 0 new ones." == found.sentences[0]


def test_it_says_what_so_few_rounds_cannot_tell() -> None:
    """At three of each, 1 in 20 is the least."""
    assert "cannot be made rarer than 5 %" in compare(OLD, rounds("B", 52.5, 52.5, 54.0), 0.1).sentences[-1]
    four = compare([*OLD, *rounds("C", 55.0)], rounds("B", 52.5, 52.5, 54.0, 53.0), 0.1)
    assert "cannot be made rarer than 1.43 %" in four.sentences[-1]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1.11, 1.3, Finding.WORSE),
        (1.1, 1.3, Finding.WITHIN),
        (1.0, 1.3, Finding.NOTHING),
        (0.8, 1.0, Finding.NOTHING),
        (0.8, 0.99, Finding.BETTER),
    ],
)
def test_an_interval_says_what_lies_wholly_on_one_side(low: float, high: float, expected: Finding) -> None:
    """Touching is not beyond."""
    assert expected == finding(Change(1.0, low, high), 0.1)
