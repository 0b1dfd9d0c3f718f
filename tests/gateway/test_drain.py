import asyncio
import itertools
from random import Random

import pytest

from app.gateway.drain import CLOSE_TIMEOUT_S, LONGEST_HINT_MS, STEP_S, TRAVEL_S, Drain, Phase
from tests.gateway.doubles import turns


class Player:
    """A connection that records when it was closed, and by default answers at once."""

    def __init__(self, room: "Room", *, stubborn: bool = False) -> None:
        self.closed_at: float | None = None
        self.hint = -1
        self._room = room
        self._stubborn = stubborn
        room.sockets += 1
        room.players.append(self)

    def restart(self, reconnect_after_ms: int) -> None:
        assert self.closed_at is None, "closed twice"
        self.closed_at, self.hint = self._room.elapsed, reconnect_after_ms
        if not self._stubborn:
            self._room.sockets -= 1


class Room:
    """A process that drains, with a clock that only the drain's sleep advances."""

    def __init__(self, players: int = 0, *, wait_s: float = 0.0, window_s: float = 0.0, stubborn: bool = False) -> None:
        self.now = 1000.0
        self.draining = False
        self.sockets = 0
        self.players: list[Player] = []
        for _ in range(players):
            Player(self, stubborn=stubborn)
        self.refused_from: float | None = None
        self.drain = Drain(
            self, self, wait_s=wait_s, window_s=window_s, clock=lambda: self.now, sleep=self.sleep, random=Random(1)
        )

    @property
    def elapsed(self) -> float:
        return round(self.now - 1000.0, 6)

    def open_connections(self) -> list[Player]:
        return [player for player in self.players if player.closed_at is None]

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.draining and self.refused_from is None:
            self.refused_from = self.elapsed - seconds
        await asyncio.sleep(0)

    async def until(self, elapsed: float) -> "asyncio.Task[None]":
        """Drain until `elapsed` seconds have passed; return the task."""
        task = asyncio.create_task(self.drain.run())
        await turns(lambda: self.elapsed >= elapsed)
        return task

    def closed(self) -> list[float]:
        return [player.closed_at for player in self.players if player.closed_at is not None]


async def test_an_empty_process_ends_at_once_after_the_wait() -> None:
    """Without players there is nothing to close and nothing to wait for."""
    room = Room(wait_s=5, window_s=10)
    await room.drain.run()
    assert 5 == pytest.approx(room.elapsed, abs=STEP_S)
    assert room.drain.phase is Phase.DONE


async def test_without_wait_and_window_all_are_closed_at_once() -> None:
    """These are the defaults on a development machine."""
    room = Room(50)
    await room.drain.run()
    assert [0.0] * 50 == room.closed()
    assert 0.0 == room.elapsed


async def test_players_are_accepted_during_the_wait_and_not_after() -> None:
    """The load balancer still sends some. A player who came last is closed as well."""
    room = Room(3, wait_s=5, window_s=2)
    task = await room.until(4.9)
    assert room.drain.begun
    assert not room.draining
    Player(room)
    await task
    assert 5 == pytest.approx(room.refused_from, abs=STEP_S)
    assert 4 == len(room.closed())
    assert min(room.closed()) >= 5


async def test_the_goodbyes_are_spread_evenly_over_the_window() -> None:
    """Each second of the window has its share, the last included, and no goodbye comes later."""
    room = Room(1000, wait_s=1, window_s=10)
    await room.drain.run()
    for second in range(1, 11):
        assert 100 == pytest.approx(sum(second <= closed_at < second + 1 for closed_at in room.closed()), abs=10)
    assert max(room.closed()) <= 11 + STEP_S
    assert room.elapsed <= 11 + 2 * STEP_S


async def test_a_few_are_spread_too() -> None:
    """Three players in nine seconds are not closed in the first three steps."""
    room = Room(3, window_s=9)
    await room.drain.run()
    gaps = [after - before for before, after in itertools.pairwise(room.closed())]
    assert [3.0, 3.0] == pytest.approx(gaps, abs=2 * STEP_S)


async def test_the_hints_of_players_differ() -> None:
    """They range from 0 to 250 ms, so that players do not return all together."""
    room = Room(1000)
    await room.drain.run()
    hints = [player.hint for player in room.players]
    assert 0 <= min(hints) < 10
    assert LONGEST_HINT_MS - 10 < max(hints) <= LONGEST_HINT_MS


async def test_a_handshake_completed_during_the_drain_is_closed_too() -> None:
    """It was admitted before the drain, so the process waits for it."""
    room = Room(2)
    room.sockets += 1  # a handshake in progress
    task = await room.until(1.0)
    assert room.drain.phase is Phase.LINGERING
    room.sockets -= 1
    Player(room)
    await task
    assert 3 == len(room.closed())
    assert 1.0 <= room.closed()[-1] <= 1.0 + 2 * STEP_S


async def test_peers_that_never_answer_do_not_delay_the_end() -> None:
    """The process ends after the time for closing handshakes."""
    room = Room(5, wait_s=1, window_s=3, stubborn=True)
    await room.drain.run()
    assert 5 == len(room.closed())
    assert room.elapsed <= 1 + 3 + CLOSE_TIMEOUT_S + 3 * STEP_S


@pytest.mark.parametrize("moment", [0.0, 2.0, 7.0])
async def test_a_hurry_closes_all_now(moment: float) -> None:
    """It ends the wait and the window."""
    room = Room(100, wait_s=5, window_s=10)
    task = await room.until(moment)
    room.drain.hurry()
    await task
    assert 100 == len(room.closed())
    assert room.elapsed <= moment + 2 * STEP_S
    assert room.draining


async def test_a_hurry_leaves_close_frames_time_to_arrive() -> None:
    """Two hurries have the same effect: a short wait for peers that do not answer."""
    room = Room(5, stubborn=True)
    task = await room.until(1.0)
    room.drain.hurry()
    hurried_at = room.elapsed
    room.drain.hurry()
    await task
    assert TRAVEL_S == pytest.approx(room.elapsed - hurried_at, abs=2 * STEP_S)


async def test_players_who_leave_do_not_delay_the_drain() -> None:
    """The rest of the window continues with the remaining players."""
    room = Room(100, window_s=10)
    task = await room.until(5.0)
    gone, stay = room.open_connections()[:40], room.open_connections()[40:]
    for player in gone:
        room.players.remove(player)
        room.sockets -= 1
    await task
    assert all(player.closed_at is not None for player in stay)
    assert room.elapsed <= 10 + 2 * STEP_S
