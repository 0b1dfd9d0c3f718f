from loadtest.judge.checks import (
    Check,
    at_most,
    conclusion,
    equal,
    kept_in_place,
    no_socket_closed,
    only_codes,
)
from loadtest.outcome import Outcome
from tests.loadtest.judge.observations import observation

COUNTED = Check("a count", holds=True, figure="1")
SLOW = Check("a time", holds=False, figure="9 s", timed=True)
WRONG = Check("a count", holds=False, figure="2")


def test_checks_that_hold_are_a_pass() -> None:
    """On a machine that kept up."""
    assert Outcome.PASS is conclusion([COUNTED, at_most("a time", 1.0, 2.0)], lag_p99_ms=5)


def test_a_broken_check_is_a_failure() -> None:
    """Times as well as counts."""
    assert Outcome.FAIL is conclusion([COUNTED, SLOW], lag_p99_ms=5)
    assert Outcome.FAIL is conclusion([COUNTED, WRONG], lag_p99_ms=5)


def test_a_late_crowd_leaves_only_times_open() -> None:
    """Counts are judged on any machine."""
    assert Outcome.INCONCLUSIVE is conclusion([COUNTED, SLOW], lag_p99_ms=21)
    assert Outcome.INCONCLUSIVE is conclusion([COUNTED, at_most("a time", 1.0, 2.0)], lag_p99_ms=21)
    assert Outcome.PASS is conclusion([COUNTED], lag_p99_ms=21)
    assert Outcome.FAIL is conclusion([WRONG, SLOW], lag_p99_ms=21)


def test_a_check_has_figure_and_bound() -> None:
    """For the report."""
    assert "NOT ships lost: 3, not 0" == str(equal("ships lost", 3, 0))
    assert "ok freeze: 1.50 s (at most 2)" == str(at_most("freeze", 1.5, 2.0))


def test_closed_sockets_are_judged_by_code() -> None:
    """Expected codes, and others."""
    seen = observation(closes={"1012": 5, "1006": 1})
    assert not only_codes(seen, {1012}).holds
    assert only_codes(seen, {1012, 1006}).holds
    assert [False, True] == [check.holds for check in no_socket_closed(seen)]


def test_no_compared_ships_prove_nothing() -> None:
    """Without a keyframe there is no evidence of a kept place."""
    assert not all(check.holds for check in kept_in_place(observation()))
    assert all(check.holds for check in kept_in_place(observation(), compared=False))


def test_a_late_crowd_leaves_no_time_open_that_holds_in_the_quick_form() -> None:
    """A time beyond the bound is still open."""
    assert Outcome.PASS == conclusion([at_most("freeze", 1.0, 30.0)], 100.0, times_judged=False)
    assert Outcome.INCONCLUSIVE == conclusion([at_most("freeze", 31.0, 30.0)], 100.0, times_judged=False)
