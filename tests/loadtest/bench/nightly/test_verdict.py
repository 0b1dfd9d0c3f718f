"""loadtest/bench/nightly/verdict.py: only a ratio decides, and only one that is sure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.bench.nightly.verdict import judge
from tests.loadtest.bench.nightly.nights import DISTURBED, LATE, carried, failed, night, nights, on_a_full_core

KEPT = 100.0  # the baseline's ratio: 70 pass


def test_a_ratio_as_in_the_baseline_passes_on_any_machine() -> None:
    """Half the players on half the machine are as good."""
    for rounds in (nights((2400, 24)), nights((1200, 12))):
        found = judge(rounds, KEPT)
        assert ("pass", 100.0) == (found.outcome, found.ratio)


def test_a_ratio_that_fell_fails_and_says_what_broke() -> None:
    """The first sentence has the figures, the next the step that failed and how late its frames were."""
    found = judge(nights((1200, 24)), KEPT)

    assert "fail" == found.outcome
    assert found.reasons[0].startswith("Flotilla carried 1,200 players, 50.0 times the textbook server's 24;")
    assert "at least 70.0 pass" in found.reasons[0]
    assert found.reasons[1].startswith("Round 1: at 1,201 players p99 gap 81.5 ms")


def test_a_night_is_the_median_of_its_rounds() -> None:
    """One bad round in three is no failure."""
    found = judge(nights((2400, 24), (240, 24), (2400, 24)), KEPT)
    assert ("pass", 2400) == (found.outcome, found.players)


def test_a_server_that_carries_nobody_fails() -> None:
    """Its ratio is nothing, whatever the textbook server carries."""
    rounds = [night(carried("ours", 0, on_a_full_core(failed(48, foreign_cpu=0.9))), carried("textbook", 24))]
    found = judge(rounds, KEPT)
    assert ("fail", 0.0, None) == (found.outcome, found.ratio, found.at)


@pytest.mark.parametrize("trouble", [LATE, DISTURBED])
def test_a_failure_by_somebody_else_s_doing_proves_nothing(trouble: dict[str, float]) -> None:
    """A late generator and busy programs are named as the reason."""
    rounds = [night(carried("ours", 1000, failed(1200, **trouble)), carried("textbook", 24))]
    found = judge(rounds, KEPT)

    assert "inconclusive" == found.outcome
    assert found.reasons[0].startswith(
        ("Round 1: the generator was late or busy itself at 1,200", "Round 1: other programs used 50%")
    )


def test_a_size_that_failed_again_in_a_quiet_moment_is_decided() -> None:
    """Then the doubtful failure of the same size counts for nothing."""
    rounds = [night(carried("ours", 1000, failed(1200, **LATE), failed(1200)), carried("textbook", 24))]
    assert "fail" == judge(rounds, KEPT).outcome


def test_doubt_that_could_only_raise_a_good_ratio_does_not_matter() -> None:
    """Flotilla may carry more than was found: it passes all the same."""
    late = carried("ours", 2400, failed(2500, **LATE))
    assert "pass" == judge([night(late, carried("textbook", 24))], KEPT).outcome
    more = carried("ours", 8000, open_ended=True)
    assert "pass" == judge([night(more, carried("textbook", 24))], KEPT).outcome


def test_doubt_about_the_yardstick_never_makes_a_pass() -> None:
    """The textbook server may carry more, so that the ratio may be less; one that fell has fallen all the more."""
    doubtful = carried("textbook", 24, failed(36, **DISTURBED))
    assert "inconclusive" == judge([night(carried("ours", 2400), doubtful)], KEPT).outcome
    assert "fail" == judge([night(carried("ours", 1200), doubtful)], KEPT).outcome


def test_without_a_yardstick_nothing_is_said() -> None:
    """A textbook server that carries nobody tells of a machine that is not fit."""
    found = judge([night(carried("ours", 2400), carried("textbook", 0, failed(4)))], KEPT)
    assert ("inconclusive", None) == (found.outcome, found.ratio)


@given(st.integers(0, 8000), st.integers(1, 8000), st.integers(1, 100))
def test_more_players_never_make_a_verdict_worse(players: int, more: int, textbook: int) -> None:
    """Of two nights with the same yardstick the better one never fails where the worse one passed."""
    worse, better = (judge(nights((carried, textbook)), KEPT).outcome for carried in (players, players + more))
    assert (worse, better) in {("pass", "pass"), ("fail", "fail"), ("fail", "pass")}


def test_a_baseline_of_another_machine_asks_for_what_any_machine_must_show() -> None:
    """A ratio of 65 is a loss against 100 on the same machine, and none on another; one of 40 is a loss on any."""
    assert "fail" == judge(nights((1560, 24)), KEPT).outcome
    elsewhere = judge(nights((1560, 24)), KEPT, same_machine=False)
    assert "pass" == elsewhere.outcome
    assert "the baseline of another kind of machine is" in elsewhere.reasons[0]
    assert "at least 45.0 pass" in elsewhere.reasons[0]
    assert "fail" == judge(nights((960, 24)), KEPT, same_machine=False).outcome
