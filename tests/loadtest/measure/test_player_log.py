from types import SimpleNamespace
from typing import Any

import pytest

from loadtest.measure.player_log import JOIN_S, PlayerLog
from loadtest.measure.totals import Totals
from loadtest.players.door import REFUSED, DoorError

DUE = 100.0
ANSWER: Any = SimpleNamespace(headers={})


class Life:
    """A player's log, and a clock that a test sets."""

    def __init__(self) -> None:
        self.now = DUE
        self.totals = Totals()
        self.log = PlayerLog(3, DUE, self.totals, lambda: self.now, None, None)

    def frames(self, *moments: float) -> None:
        for moment in moments:
            self.now = DUE + moment
            self.log.framed(b"", 1, 1)


def test_all_times_count_from_when_the_player_was_wanted() -> None:
    """Including the lateness of the generator itself."""
    life = Life()
    life.now += 0.3
    life.log.connected(ANSWER)
    life.frames(0.5, 0.55, 0.6)
    row = life.log.row(begun=DUE - 7)
    assert (7.0, 3) == (row.due_s, row.number)
    assert (300, 500) == pytest.approx((row.handshake_ms, row.first_frame_ms))
    assert (3, 2) == (row.frames, row.gap.count)
    assert not life.log.failed


def test_a_refused_player_has_failed_and_once_only() -> None:
    """After several attempts too, and even if it connects later."""
    life = Life()
    for _ in range(2):
        life.log.refused(DoorError(REFUSED, 503, "answers 503"))
    life.log.connected(ANSWER)
    life.frames(1.0)
    assert life.log.failed
    assert ({REFUSED: 1}, {503: 2}, 1) == (life.totals.errors, life.totals.refusals, life.totals.failures)


def test_a_socket_that_closes_before_the_first_frame_has_not_joined() -> None:
    """It fails with the kind `closed`; a later close is only a close."""
    early, later = Life(), Life()
    early.log.closed(4005)
    later.frames(0.1)
    later.log.closed(1006)
    assert ({"closed": 1}, {4005: 1}) == (early.totals.errors, early.totals.closes)
    assert ({}, {1006: 1}, [1006]) == (later.totals.errors, later.totals.closes, later.log.row(0).closes)


def test_a_player_who_sees_nothing_fails_in_time() -> None:
    """At the check after ten seconds, or when its first frame comes too late."""
    waiting, late = Life(), Life()
    waiting.log.check(DUE + JOIN_S - 0.1)
    assert not waiting.log.failed
    waiting.log.check(DUE + JOIN_S + 0.1)
    late.frames(JOIN_S + 0.1)
    assert {"timeout": 1} == waiting.totals.errors == late.totals.errors


def test_at_the_end_a_waiting_player_fails_unless_it_came_just_now() -> None:
    """A second is too short for a failure."""
    fresh, waiting = Life(), Life()
    fresh.log.end(DUE + 0.5)
    waiting.log.end(DUE + 1.5)
    assert (False, True) == (fresh.log.failed, waiting.log.failed)


def test_a_stall_that_is_open_at_the_end_counts() -> None:
    """A gap that is not late yet does not count."""
    stalled, fine = Life(), Life()
    for life in (stalled, fine):
        life.frames(0.1, 0.15)
    stalled.log.end(DUE + 3.15)
    fine.log.end(DUE + 0.16)
    assert (3000, 50) == pytest.approx((stalled.log.row(0).freeze_ms, fine.log.row(0).freeze_ms))
    assert 1 == len(fine.totals.gaps)


def test_a_freeze_goes_on_over_a_reconnect() -> None:
    """The player sees one gap across both sockets."""
    life = Life()
    life.log.connected(ANSWER)
    life.frames(0.1)
    life.log.closed(1012)
    life.log.connected(ANSWER)
    life.frames(0.9)
    row = life.log.row(0)
    assert (1, [1012], 1) == (row.reconnects, row.closes, life.totals.reconnects_now)
    assert 800 == pytest.approx(row.freeze_ms)
