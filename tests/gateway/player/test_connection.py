from typing import Any

import pytest

from app.gateway.player import ticket
from app.gateway.player.connection import Connection
from app.gateway.player.session import SUBPROTOCOL
from app.gateway.player.ticket import Ticket
from app.wire import inputs, outputs
from app.wire.outputs import Goodbye, Keyframe, Status, Welcome
from tests.gateway.doubles import Counting, RecordingSink, Surroundings, answer, rows, snapshot

WELCOME = Welcome(epoch=7, tick=5, ship=17, arena=2)


ADA = Ticket(0xADA, 7)


class Opened:
    """A connection with its surroundings."""

    def __init__(self, subprotocol: str | None = SUBPROTOCOL, **limits: Any) -> None:
        self.around = Surroundings(**limits)
        self.around.uplink.receive(answer())
        self.sink = RecordingSink()
        self.connection = Connection(self.around, self.sink, number=1, subprotocol=subprotocol)

    def greeted(self, *, full: bool = False) -> "Opened":
        self.connection.receive_bytes(inputs.encode_hello(full=full))
        self.connection.berthed(WELCOME)
        return self


def roster(opened: Opened) -> list[int]:
    opened.around.uplink._roster_due = True
    batch = opened.around.uplink.batch("relay")
    return [session for session, *_ in rows(batch) or []] if batch else []


@pytest.mark.parametrize(
    ("subprotocol", "full", "audience"),
    [(SUBPROTOCOL, False, "replicas"), (SUBPROTOCOL, True, "pictures"), (None, False, "tutorial")],
)
def test_a_berthed_player_watches_in_its_language(subprotocol: str | None, full: bool, audience: str) -> None:
    """The audience of its arena that fits, and the relay hears of it."""
    opened = Opened(subprotocol)
    if subprotocol:
        opened.connection.receive_bytes(inputs.encode_hello(full=full))
    opened.connection.berthed(WELCOME)
    assert 1 == len(getattr(opened.around.hub.arena(2), audience))
    assert 1 == len(opened.around.hub.arena(2))
    assert 1 == opened.around.changes


def test_a_new_ship_moves_the_player_to_its_arena() -> None:
    """Out of the old audience, into the new."""
    opened = Opened().greeted()
    opened.connection.berthed(Welcome(epoch=7, tick=6, ship=18, arena=3))
    assert frozenset({3}) == opened.around.hub.occupied()


def test_too_many_messages_close() -> None:
    """4505, counted once, and nothing behind it is looked at."""
    opened, counting = Opened(message_burst=3).greeted(), Counting()
    for _ in range(10):
        opened.connection.receive_bytes(inputs.encode_ping(1))
    assert (4505, "too many messages") == opened.sink.closed
    assert {"flood": 1} == counting.moved()
    assert 2 == sum(control.payload == outputs.encode_pong(1) for control in opened.sink.controls)


def test_time_lets_messages_through_again() -> None:
    """The check that comes a few times a second refills the budget."""
    opened = Opened(message_burst=2, messages_per_second=1).greeted()
    for _ in range(20):
        opened.connection.receive_bytes(inputs.encode_ping(1))
        opened.around.now += 1
        opened.connection.check(opened.around.now)
    assert opened.sink.closed is None


def test_a_peer_that_does_not_read_is_closed() -> None:
    """4002 when it is blocked for longer than the limit, not before."""
    opened = Opened(stall_s=3).greeted()
    opened.sink.blocked_since = 1000.0
    opened.connection.check(1003.0)
    assert opened.sink.closed is None
    opened.connection.check(1003.1)
    assert (4002, "frames were not read") == opened.sink.closed


def test_a_peer_that_overflows_is_closed_at_once() -> None:
    """4002 past four times the budget: answers are never skipped, and who asks and never reads piles them up."""
    opened = Opened(stall_s=3, write_buffer_bytes=1000).greeted()
    opened.sink.blocked_since, opened.sink.waiting = 1000.0, 4000
    opened.connection.check(1000.1)
    assert opened.sink.closed is None
    opened.sink.waiting = 4001
    opened.connection.check(1000.2)
    assert (4002, "answers were not read") == opened.sink.closed


def test_a_peer_without_hello_is_closed() -> None:
    """4004 when the time is over; who said HELLO may wait for its ship as long as it takes."""
    silent, waiting, tutorial = Opened(hello_timeout_s=5), Opened(hello_timeout_s=5), Opened(None, hello_timeout_s=5)
    waiting.connection.receive_bytes(inputs.encode_hello())
    for opened in (silent, waiting, tutorial):
        opened.connection.check(1005.0)
        assert opened.sink.closed is None
        opened.connection.check(1005.1)
    assert (4004, "no HELLO in time") == silent.sink.closed
    assert waiting.sink.closed is None
    assert tutorial.sink.closed is None


def test_closing_leaves_everything() -> None:
    """Audience and roster at once, not only when the socket is gone; and only the first close counts."""
    opened = Opened().greeted()
    assert [1] == roster(opened)
    opened.connection.world_full()
    opened.connection.receive_text("")
    opened.connection.check(9999.0)
    opened.connection.restart(1)
    assert (4005, "the world is full, try again later") == opened.sink.closed
    assert [] == roster(opened)
    assert frozenset() == opened.around.hub.occupied()


@pytest.mark.parametrize(
    ("carried", "refused"),
    [(b"", {}), (b"x" * 512, {"ticket": 1}), (ticket.encode(ADA) + b"!", {"ticket": 1}), (ticket.encode(ADA), {})],
    ids=["none", "foreign", "tampered", "ours"],
)
def test_a_ticket_says_who_comes(carried: bytes, refused: dict[str, float]) -> None:
    """One of ours is believed; without one the player is somebody new, with one that is not ours too, and it counts."""
    opened, counting = Opened(), Counting()
    opened.connection.receive_bytes(inputs.encode_hello(ticket=carried))
    batch = opened.around.uplink.batch("relay")
    assert batch is not None
    ((session, player, generation, ship, _),) = rows(batch) or []
    assert (1, 0) == (session, ship)
    if carried == ticket.encode(ADA):
        assert (ADA.player, ADA.generation) == (player, generation)
    else:
        assert player not in {0, ADA.player}
        assert generation == 0
    assert refused == counting.moved()


def test_a_player_of_the_tutorial_is_nobody_in_particular() -> None:
    """It cannot carry a ticket, so its ship leaves with its socket."""
    opened = Opened(None)
    batch = opened.around.uplink.batch("relay")
    assert batch is not None
    assert [(1, 0, 0, 0, 0)] == rows(batch)


def test_a_newer_connection_of_the_player_closes_this_one() -> None:
    """4504: the client is told to stay away."""
    opened = Opened().greeted()
    opened.connection.superseded()
    assert (4504, "you are flying from another window") == opened.sink.closed
    assert [] == roster(opened)


def test_a_restart_says_goodbye_first() -> None:
    """The hint, then 1012."""
    opened = Opened().greeted()
    opened.connection.restart(250)
    assert [Goodbye(250)] == outputs.decode(opened.sink.controls[-1].payload)
    assert (1012, "service restart") == opened.sink.closed


def test_players_hear_that_the_world_stands_still() -> None:
    """As STATUS."""
    opened = Opened()
    opened.connection.paused(paused=True)
    assert [Status(paused=True)] == outputs.decode(opened.sink.controls[-1].payload)


def test_resync_gives_a_keyframe_and_counts_the_socket_once() -> None:
    """It joins its audience again without leaving it."""
    opened = Opened().greeted()
    for tick in (101, 102):
        opened.around.hub.deliver(snapshot(tick, 17, arena=2))
        opened.connection.receive_bytes(b"\x04")
    opened.around.hub.deliver(snapshot(103, 17, arena=2))
    assert [[Keyframe]] * 3 == [[type(said) for said in outputs.decode(frame.payload)] for frame in opened.sink.frames]


@pytest.mark.parametrize(
    ("code", "label"), [(1000, "1000"), (1001, "1001"), (1005, "1005"), (1006, "1006"), (3000, "other"), (7, "other")]
)
def test_the_end_is_counted_under_the_peers_code(code: int, label: str) -> None:
    """Or as "other": a peer may send any number, a metric may not have any label."""
    opened, counting = Opened().greeted(), Counting()
    opened.connection.end(code)
    assert {label: 1} == counting.moved()
    assert [] == roster(opened)


def test_the_end_is_counted_under_our_code_if_we_closed() -> None:
    """Whatever the peer answered."""
    opened, counting = Opened().greeted(), Counting()
    opened.connection.receive_text("")
    opened.connection.end(1000)
    assert {"text_on_binary": 1, "4500": 1} == counting.moved()


def test_sockets_of_one_moment_are_pinged_at_different_moments() -> None:
    """Two thousand pings at once would hold up a tick."""
    around = Surroundings(ping_interval_s=20.0)
    sinks = [RecordingSink() for _ in range(100)]
    connections = [Connection(around, sink, number=i, subprotocol=None) for i, sink in enumerate(sinks)]
    pinged = []
    for _ in range(80):
        around.now += 0.25
        before = sum(sink.pings for sink in sinks)
        for connection in connections:
            connection.check(around.now)
        pinged.append(sum(sink.pings for sink in sinks) - before)
    assert 100 == sum(pinged)
    assert max(pinged) <= 4


def test_a_peer_that_talks_is_pinged_often_and_must_answer_soon() -> None:
    """Who never reads is gone in 5 s, sweeps each half second included; who answers stays, and silence is patient."""
    talker, honest, silent = Opened().greeted(), Opened().greeted(), Opened().greeted()
    for moment in range(10):
        for opened in (talker, honest, silent):
            opened.around.now = 1000.25 + moment / 2
            if opened is not silent:
                opened.connection.receive_bytes(inputs.encode_ping(1))
            opened.connection.check(opened.around.now)
            if opened.sink.pings and opened.sink.pinged_since is None and opened is not honest:
                opened.sink.pinged_since = opened.around.now
    assert (4002, "pings were not answered") == talker.sink.closed
    assert (None, None) == (honest.sink.closed, silent.sink.closed)
    assert honest.sink.pings >= 3


def test_a_silent_peer_that_answers_no_ping_is_closed() -> None:
    """After a longer time: it may be asleep."""
    opened = Opened(ping_timeout_s=30.0).greeted()
    opened.around.now += 1
    opened.connection.check(opened.around.now)  # after its HELLO it says nothing
    opened.sink.pinged_since = opened.around.now
    opened.around.now += 30
    opened.connection.check(opened.around.now)
    assert opened.sink.closed is None
    opened.around.now += 1
    opened.connection.check(opened.around.now)
    assert (4002, "pings were not answered") == opened.sink.closed


def test_who_comes_during_a_pause_is_told() -> None:
    """There will be no ship and no frame for a while."""
    opened = Opened()
    opened.around.paused = True
    opened.connection.receive_bytes(inputs.encode_hello())
    assert [Status(paused=True)] == [m for control in opened.sink.controls for m in outputs.decode(control.payload)]
