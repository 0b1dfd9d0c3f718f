from types import SimpleNamespace
from typing import Any

import pytest

from loadtest.measure.player_log import JOIN_S, Journal
from loadtest.measure.totals import Ledger
from loadtest.players.door import REFUSED, DoorError

DUE = 100.0
ANSWER: Any = SimpleNamespace(headers={})


class Life:
    """A player's journal, and a clock that a test moves."""

    def __init__(self) -> None:
        self.now = DUE
        self.ledger = Ledger()
        self.journal = Journal(3, DUE, self.ledger, lambda: self.now, None, None)

    def frames(self, *moments: float) -> None:
        for moment in moments:
            self.now = DUE + moment
            self.journal.framed(b"", 1, 1)


def test_all_times_count_from_when_the_player_was_wanted() -> None:
    """Also what the generator itself kept it waiting."""
    life = Life()
    life.now += 0.3
    life.journal.connected(ANSWER)
    life.frames(0.5, 0.55, 0.6)
    row = life.journal.row(begun=DUE - 7)
    assert (7.0, 3) == (row.due_s, row.number)
    assert (300, 500) == pytest.approx((row.handshake_ms, row.first_frame_ms))
    assert (3, 2) == (row.frames, row.gap.count)
    assert not life.journal.failed


def test_a_refused_player_has_failed_and_once_only() -> None:
    """However often it tries, and also if it comes in later."""
    life = Life()
    for _ in range(2):
        life.journal.refused(DoorError(REFUSED, 503, "answers 503"))
    life.journal.connected(ANSWER)
    life.frames(1.0)
    assert life.journal.failed
    assert ({REFUSED: 1}, {503: 2}, 1) == (life.ledger.errors, life.ledger.refusals, life.ledger.failures)


def test_a_socket_that_closes_before_the_first_frame_has_not_joined() -> None:
    """By the kind `closed`; afterwards a close is a close."""
    early, later = Life(), Life()
    early.journal.closed(4005)
    later.frames(0.1)
    later.journal.closed(1006)
    assert ({"closed": 1}, {4005: 1}) == (early.ledger.errors, early.ledger.closes)
    assert ({}, {1006: 1}, [1006]) == (later.ledger.errors, later.ledger.closes, later.journal.row(0).closes)


def test_a_player_who_sees_nothing_fails_in_time() -> None:
    """When somebody looks after ten seconds, or when the frame comes too late."""
    waiting, late = Life(), Life()
    waiting.journal.look(DUE + JOIN_S - 0.1)
    assert not waiting.journal.failed
    waiting.journal.look(DUE + JOIN_S + 0.1)
    late.frames(JOIN_S + 0.1)
    assert {"timeout": 1} == waiting.ledger.errors == late.ledger.errors


def test_the_end_tells_of_who_waits_unless_it_came_just_now() -> None:
    """A second is too short to blame anybody."""
    fresh, waiting = Life(), Life()
    fresh.journal.end(DUE + 0.5)
    waiting.journal.end(DUE + 1.5)
    assert (False, True) == (fresh.journal.failed, waiting.journal.failed)


def test_a_stall_that_is_open_at_the_end_counts() -> None:
    """And a gap that is not yet late does not."""
    stalled, fine = Life(), Life()
    for life in (stalled, fine):
        life.frames(0.1, 0.15)
    stalled.journal.end(DUE + 3.15)
    fine.journal.end(DUE + 0.16)
    assert (3000, 50) == pytest.approx((stalled.journal.row(0).freeze_ms, fine.journal.row(0).freeze_ms))
    assert 1 == len(fine.ledger.gaps)


def test_a_freeze_goes_on_over_a_reconnect() -> None:
    """What a player sees is one gap, whatever its sockets did meanwhile."""
    life = Life()
    life.journal.connected(ANSWER)
    life.frames(0.1)
    life.journal.closed(1012)
    life.journal.connected(ANSWER)
    life.frames(0.9)
    row = life.journal.row(0)
    assert (1, [1012], 1) == (row.reconnects, row.closes, life.ledger.reconnects_now)
    assert 800 == pytest.approx(row.freeze_ms)
