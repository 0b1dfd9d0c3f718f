from typing import Any

import pytest

from app.gateway.player import ticket
from app.gateway.player.connection import Connection
from app.gateway.player.session import SUBPROTOCOL
from app.gateway.player.ticket import Ticket
from app.wire import inputs, outputs
from app.wire.outputs import Goodbye, Keyframe, Status, Welcome
from tests.gateway.doubles import Counting, FakeGateway, RecordingSink, answer, rows, snapshot

WELCOME = Welcome(epoch=7, tick=5, ship=17, arena=2)
BURN = inputs.encode_input(9, 64, thrusting=True)
ADA = Ticket(0xADA, 7)


class Opened:
    """A connection and its neighbours."""

    def __init__(self, subprotocol: str | None = SUBPROTOCOL, **limits: Any) -> None:
        self.gateway = FakeGateway(**limits)
        self.gateway.uplink.receive(answer())
        self.sink = RecordingSink()
        self.connection = Connection(self.gateway, self.sink, number=1, subprotocol=subprotocol)

    def frame(self, tick: int) -> None:
        """Let the hub take and write a tick of arena 2."""
        self.gateway.hub.advance(snapshot(tick, 17, arena=2))
        self.gateway.hub.write()

    def greeted(self, *, full: bool = False) -> "Opened":
        self.connection.controls.receive_bytes(inputs.encode_hello(full=full))
        self.connection.ship_assigned(WELCOME)
        return self


def roster(opened: Opened) -> list[int]:
    opened.gateway.uplink._roster_due = True
    batch = opened.gateway.uplink.batch("relay")
    return [session for session, *_ in rows(batch) or []] if batch else []


@pytest.mark.parametrize(
    ("subprotocol", "full", "audience"),
    [(SUBPROTOCOL, False, "replicas"), (SUBPROTOCOL, True, "pictures"), (None, False, "tutorial")],
)
def test_a_player_with_a_ship_watches_in_its_protocol(subprotocol: str | None, full: bool, audience: str) -> None:
    """It joins the matching audience of its arena, and the relay is notified."""
    opened = Opened(subprotocol)
    if subprotocol:
        opened.connection.controls.receive_bytes(inputs.encode_hello(full=full))
    opened.connection.ship_assigned(WELCOME)
    assert 1 == len(getattr(opened.gateway.hub.arena(2), audience))
    assert 1 == len(opened.gateway.hub.arena(2))
    assert 1 == opened.gateway.changes


def test_a_sparse_client_gets_no_frame_of_a_quiet_tick() -> None:
    """A client without the capability gets each one."""
    for sparse, frames in ((True, 1), (False, 4)):
        opened = Opened()
        opened.connection.controls.receive_bytes(inputs.encode_hello(sparse=sparse))
        opened.connection.ship_assigned(WELCOME)
        for tick in range(101, 105):
            opened.frame(tick)
        assert frames == len(opened.sink.frames)


def test_a_new_ship_moves_the_player_to_its_arena() -> None:
    """It leaves the old audience and joins the new one."""
    opened = Opened().greeted()
    opened.connection.ship_assigned(Welcome(epoch=7, tick=6, ship=18, arena=3))
    assert frozenset({3}) == opened.gateway.hub.occupied()


def test_too_many_messages_close() -> None:
    """4505, counted once. Later messages are ignored."""
    opened, counting = Opened(message_burst=3).greeted(), Counting()
    for _ in range(10):
        opened.connection.controls.receive_bytes(inputs.encode_ping(1))
    assert (4505, "too many messages") == opened.sink.closed
    assert {"flood": 1} == counting.moved()
    assert 2 == sum(control.payload == outputs.encode_pong(1) for control in opened.sink.controls)


def test_time_allows_messages_again() -> None:
    """The regular check refills the budget."""
    opened = Opened(message_burst=2, messages_per_second=1).greeted()
    for _ in range(20):
        opened.connection.controls.receive_bytes(inputs.encode_ping(1))
        opened.gateway.now += 1
        opened.connection.check(opened.gateway.now)
    assert opened.sink.closed is None


def test_a_peer_that_does_not_read_is_closed() -> None:
    """4002 when it was blocked for longer than the limit, and not before."""
    opened = Opened(stall_s=3).greeted()
    opened.sink.blocked_since = 1000.0
    opened.connection.check(1003.0)
    assert opened.sink.closed is None
    opened.connection.check(1003.1)
    assert (4002, "frames were not read") == opened.sink.closed


def test_a_peer_that_overflows_is_closed_at_once() -> None:
    """4002 above four times the budget. Answers are never skipped, so they pile up for a peer that never reads."""
    opened = Opened(stall_s=3, write_buffer_bytes=1000).greeted()
    opened.sink.blocked_since, opened.sink.waiting = 1000.0, 4000
    opened.connection.check(1000.1)
    assert opened.sink.closed is None
    opened.sink.waiting = 4001
    opened.connection.check(1000.2)
    assert (4002, "answers were not read") == opened.sink.closed


def test_a_peer_without_hello_is_closed() -> None:
    """4004 after the time limit. After HELLO a player may wait for its ship without a limit."""
    silent, waiting, tutorial = Opened(hello_timeout_s=5), Opened(hello_timeout_s=5), Opened(None, hello_timeout_s=5)
    waiting.connection.controls.receive_bytes(inputs.encode_hello())
    for opened in (silent, waiting, tutorial):
        opened.connection.check(1005.0)
        assert opened.sink.closed is None
        opened.connection.check(1005.1)
    assert (4004, "no HELLO in time") == silent.sink.closed
    assert waiting.sink.closed is None
    assert tutorial.sink.closed is None


def test_closing_releases_everything() -> None:
    """It leaves audience and roster at once, not only when the socket is gone. Only the first close counts."""
    opened = Opened().greeted()
    assert [1] == roster(opened)
    opened.connection.world_full()
    opened.connection.controls.receive_text("")
    opened.connection.check(9999.0)
    opened.connection.restart(1)
    assert (4005, "the world is full, try again later") == opened.sink.closed
    assert [] == roster(opened)
    assert frozenset() == opened.gateway.hub.occupied()


@pytest.mark.parametrize(
    ("carried", "refused"),
    [(b"", {}), (b"x" * 512, {"ticket": 1}), (ticket.encode(ADA) + b"!", {"ticket": 1}), (ticket.encode(ADA), {})],
    ids=["none", "foreign", "tampered", "ours"],
)
def test_a_ticket_identifies_the_player(carried: bytes, refused: dict[str, float]) -> None:
    """Without a valid ticket the player is new, and an invalid one is counted."""
    opened, counting = Opened(), Counting()
    opened.connection.controls.receive_bytes(inputs.encode_hello(ticket=carried))
    batch = opened.gateway.uplink.batch("relay")
    assert batch is not None
    ((session, player, generation, ship, _),) = rows(batch) or []
    assert (1, 0) == (session, ship)
    if carried == ticket.encode(ADA):
        assert (ADA.player, ADA.generation) == (player, generation)
    else:
        assert player not in {0, ADA.player}
        assert generation == 0
    assert refused == counting.moved()


def test_a_player_of_the_tutorial_is_anonymous() -> None:
    """It has no ticket, so its ship leaves with its socket."""
    opened = Opened(None)
    batch = opened.gateway.uplink.batch("relay")
    assert batch is not None
    assert [(1, 0, 0, 0, 0)] == rows(batch)


def test_a_newer_connection_of_the_player_closes_this_one() -> None:
    """4504: the client does not reconnect."""
    opened = Opened().greeted()
    opened.connection.superseded()
    assert (4504, "you are flying from another window") == opened.sink.closed
    assert [] == roster(opened)


def test_a_restart_sends_goodbye_first() -> None:
    """GOODBYE with the hint, then 1012."""
    opened = Opened().greeted()
    opened.connection.restart(250)
    assert [Goodbye(250)] == outputs.decode(opened.sink.controls[-1].payload)
    assert (1012, "service restart") == opened.sink.closed


def test_players_receive_the_pause() -> None:
    """The message is STATUS."""
    opened = Opened()
    opened.connection.send_status(paused=True)
    assert [Status(paused=True)] == outputs.decode(opened.sink.controls[-1].payload)


def test_resync_gives_a_keyframe_and_counts_the_socket_once() -> None:
    """The socket joins its audience again without leaving it."""
    opened = Opened().greeted()
    for tick in (101, 102):
        opened.frame(tick)
        opened.connection.controls.receive_bytes(b"\x04")
    opened.frame(103)
    assert [[Keyframe]] * 3 == [
        [type(message) for message in outputs.decode(frame.payload)] for frame in opened.sink.frames
    ]


@pytest.mark.parametrize(
    ("code", "label"), [(1000, "1000"), (1001, "1001"), (1005, "1005"), (1006, "1006"), (3000, "other"), (7, "other")]
)
def test_the_end_is_counted_under_the_peers_code(code: int, label: str) -> None:
    """Unusual codes share the label "other", since a peer may send any number."""
    opened, counting = Opened().greeted(), Counting()
    opened.connection.end(code)
    assert {label: 1} == counting.moved()
    assert [] == roster(opened)


def test_the_end_is_counted_under_our_code_if_we_closed() -> None:
    """The answer of the peer does not matter."""
    opened, counting = Opened().greeted(), Counting()
    opened.connection.controls.receive_text("")
    opened.connection.end(1000)
    assert {"text_on_binary": 1, "4500": 1} == counting.moved()


def test_sockets_opened_together_are_pinged_at_different_moments() -> None:
    """Two thousand pings at once would delay a tick."""
    gateway = FakeGateway(ping_interval_s=20.0)
    sinks = [RecordingSink() for _ in range(100)]
    connections = [Connection(gateway, sink, number=i, subprotocol=None) for i, sink in enumerate(sinks)]
    pinged = []
    for _ in range(80):
        gateway.now += 0.25
        before = sum(sink.pings for sink in sinks)
        for connection in connections:
            connection.check(gateway.now)
        pinged.append(sum(sink.pings for sink in sinks) - before)
    assert 100 == sum(pinged)
    assert max(pinged) <= 4


def test_a_peer_that_sends_is_pinged_often_and_must_answer_soon() -> None:
    """One that never reads is closed within 5 s, sweeps included. One that answers stays, and so does a silent one."""
    sender, honest, silent = Opened().greeted(), Opened().greeted(), Opened().greeted()
    for moment in range(10):
        for opened in (sender, honest, silent):
            opened.gateway.now = 1000.25 + moment / 2
            if opened is not silent:
                opened.connection.controls.receive_bytes(inputs.encode_ping(1))
            opened.connection.check(opened.gateway.now)
            if opened.sink.pings and opened.sink.pinged_since is None and opened is not honest:
                opened.sink.pinged_since = opened.gateway.now
    assert (4002, "pings were not answered") == sender.sink.closed
    assert (None, None) == (honest.sink.closed, silent.sink.closed)
    assert honest.sink.pings >= 3


def test_a_silent_peer_that_answers_no_ping_is_closed() -> None:
    """The limit is longer, since the peer may be asleep."""
    opened = Opened(ping_timeout_s=30.0).greeted()
    opened.gateway.now += 1
    opened.connection.check(opened.gateway.now)  # after its HELLO it sends nothing
    opened.sink.pinged_since = opened.gateway.now
    opened.gateway.now += 30
    opened.connection.check(opened.gateway.now)
    assert opened.sink.closed is None
    opened.gateway.now += 1
    opened.connection.check(opened.gateway.now)
    assert (4002, "pings were not answered") == opened.sink.closed


def test_a_new_player_receives_a_pause_that_lasts() -> None:
    """It gets neither a ship nor a frame for a while."""
    opened = Opened()
    opened.gateway.paused = True
    opened.connection.controls.receive_bytes(inputs.encode_hello())
    assert [Status(paused=True)] == [m for control in opened.sink.controls for m in outputs.decode(control.payload)]


def test_an_input_before_hello_is_refused() -> None:
    """The shortcut for inputs starts with the ship, and inputs between HELLO and the ship wait for it."""
    opened, counting = Opened(), Counting()
    opened.connection.controls.receive_bytes(BURN)
    assert {"hello_expected": 1} == counting.moved()
    flying = Opened()
    flying.connection.controls.receive_bytes(inputs.encode_hello())
    flying.connection.controls.receive_bytes(BURN)
    assert b"" == bytes(flying.gateway.uplink.input_rows)
    flying.connection.ship_assigned(WELCOME)
    assert b"\x11\x00" + BURN == bytes(flying.gateway.uplink.input_rows)


@pytest.mark.parametrize("closed_here", [True, False])
def test_after_the_end_an_input_steers_no_ship(closed_here: bool) -> None:
    """A message may arrive after the close, or while the socket ends."""
    opened = Opened().greeted()
    if closed_here:
        opened.connection.superseded()
    else:
        opened.connection.end(1000)
    opened.connection.controls.receive_bytes(BURN)
    assert b"" == bytes(opened.gateway.uplink.input_rows)


def test_binary_messages_of_a_tutorial_player_are_refused() -> None:
    """Also when they look like an INPUT and the player has a ship."""
    opened, counting = Opened(None), Counting()
    opened.connection.ship_assigned(WELCOME)
    opened.connection.controls.receive_bytes(BURN)
    assert {"binary_on_text": 1} == counting.moved()
    assert b"" == bytes(opened.gateway.uplink.input_rows)
