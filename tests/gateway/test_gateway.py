import asyncio

import pytest
from channels.layers import InMemoryChannelLayer

from app.gateway.gateway import SHARES, SILENCE_S, Gateway
from app.gateway.limits import Limits
from app.gateway.player.session import SUBPROTOCOL
from app.observability import metrics
from app.wire import inputs, outputs
from app.wire.outputs import Goodbye, Status
from app.wire.uplink import BERTHED
from tests.gateway.doubles import EPOCH, Counting, RecordingSink, answer, snapshot, turns


class Clocked:
    """A gateway whose clock is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.gateway = Gateway(InMemoryChannelLayer(), Limits(), clock=lambda: self.now, wall=lambda: 50.0)
        self.sink = RecordingSink()

    def said(self) -> list[outputs.ServerMessage]:
        return [message for control in self.sink.controls for message in outputs.decode(control.payload)]


async def test_players_hear_of_a_pause_once_and_of_its_end() -> None:
    """When no frame came for half a second, and with the first that comes again."""
    clocked = Clocked()
    clocked.gateway.open(clocked.sink, subprotocol=SUBPROTOCOL).receive_bytes(inputs.encode_hello())
    clocked.now += SILENCE_S
    clocked.gateway.sweep()
    assert [] == clocked.said()
    for _ in range(3):
        clocked.now += 0.1
        clocked.gateway.sweep()
    assert [Status(paused=True)] == clocked.said()
    clocked.gateway._deliver(snapshot(5, 1))
    clocked.gateway.sweep()
    assert [Status(paused=True), Status(paused=False)] == clocked.said()


async def test_without_players_the_world_stands_still_by_right() -> None:
    """Who comes after a long rest is not told of a pause, nor of its end."""
    clocked = Clocked()
    clocked.gateway.open(clocked.sink, subprotocol=SUBPROTOCOL)
    for _ in range(10):
        clocked.now += 0.4
        clocked.gateway.sweep()
    clocked.gateway._deliver(snapshot(5, 1))
    assert [] == clocked.said()


async def test_a_lone_player_who_looks_away_is_not_told_of_a_pause() -> None:
    """The world moves; only this gateway asked for no frames."""
    clocked = Clocked()
    connection = clocked.gateway.open(clocked.sink, subprotocol=SUBPROTOCOL)
    connection.receive_bytes(inputs.encode_hello())
    clocked.gateway.uplink.receive(answer((1, 1, 17, 0, BERTHED)))
    connection.receive_bytes(inputs.encode_bare(inputs.Pause()))
    for _ in range(10):
        clocked.now += 0.4
        clocked.gateway.sweep()
    assert not [message for message in clocked.said() if isinstance(message, Status)]


async def test_frames_of_an_older_epoch_are_not_delivered() -> None:
    """A tick that was paused speaks again when another has the world: no player sees it, and it counts as no frame."""
    clocked, counting = Clocked(), Counting()
    clocked.gateway.open(clocked.sink, subprotocol=SUBPROTOCOL).receive_bytes(inputs.encode_hello())
    clocked.gateway.uplink.receive(answer((1, 1, 17, 0, BERTHED)))
    clocked.gateway._deliver(snapshot(5, 17))
    clocked.gateway._deliver(snapshot(6, 17, epoch=EPOCH + 1))
    clocked.now += 2 * SILENCE_S
    clocked.gateway._deliver(snapshot(7, 17))
    clocked.gateway.sweep()
    assert {"old": 1} == counting.moved()
    assert 2 == len(clocked.sink.frames)
    assert clocked.gateway.paused


async def test_a_long_silence_makes_the_subscription_anew() -> None:
    """Not only the tick may be gone; once every three seconds, and never while nobody plays."""
    clocked, renewed = Clocked(), []
    clocked.gateway._relay.renew = lambda: renewed.append(clocked.now)  # type: ignore[method-assign]  # a spy
    for _ in range(100):
        clocked.now += 0.1
        clocked.gateway.sweep()
    assert [] == renewed
    clocked.gateway.open(clocked.sink, subprotocol=SUBPROTOCOL).receive_bytes(inputs.encode_hello())
    for _ in range(100):
        clocked.now += 0.1
        clocked.gateway.sweep()
    assert 3 == len(renewed)


async def test_the_sweep_enforces_limits_of_every_socket() -> None:
    """One that is closed by it does not disturb the others."""
    clocked = Clocked()
    silent, greeted = RecordingSink(), RecordingSink()
    clocked.gateway.open(silent, subprotocol=SUBPROTOCOL)
    clocked.gateway.open(greeted, subprotocol=SUBPROTOCOL).receive_bytes(inputs.encode_hello())
    clocked.now += 6
    for _ in range(SHARES):
        clocked.gateway.sweep()
    assert (4004, "no HELLO in time") == silent.closed
    assert greeted.closed is None


async def test_who_was_told_to_go_does_not_stay() -> None:
    """Though the socket is still there; each has the hint, whatever state it is in."""
    clocked = Clocked()
    clocked.gateway.open(clocked.sink, subprotocol=SUBPROTOCOL)
    other = clocked.gateway.open(RecordingSink(), subprotocol=None)
    for connection in clocked.gateway.staying():
        if connection is not other:
            connection.restart(250)
    assert [other] == clocked.gateway.staying()
    assert [Goodbye(250)] == clocked.said()
    assert (1012, "service restart") == clocked.sink.closed


async def test_a_gateway_without_players_meets_a_tick() -> None:
    """By the answer to its greeting, or by a frame."""
    clocked = Clocked()
    assert not clocked.gateway.meets_a_tick()
    clocked.gateway.uplink.hear(7)
    assert not clocked.gateway.meets_a_tick()
    clocked.gateway._relay._member.channel = "relay"
    assert clocked.gateway.meets_a_tick()
    other = Clocked()
    other.gateway._deliver(snapshot(5, 1))
    assert other.gateway.meets_a_tick()


async def test_what_is_left_of_a_frame_is_offered() -> None:
    """After frames, and by the sweep when there are none."""
    left: asyncio.Queue[float] = asyncio.Queue()
    clocked = Clocked()
    gateway = Gateway(InMemoryChannelLayer(), Limits(), clock=lambda: clocked.now, after_frame=left.put_nowait)
    gateway._deliver(snapshot(5, 1))
    async with asyncio.timeout(5):
        assert pytest.approx(0.05) == await left.get()
    clocked.now += 1
    gateway.sweep()
    assert pytest.approx(0.05) == left.get_nowait()


async def test_the_gauge_counts_open_sockets() -> None:
    """Up with open, down with end."""
    gateway = Clocked().gateway
    before = metrics.CONNECTIONS._value.get()
    connections = [gateway.open(RecordingSink(), subprotocol=None) for _ in range(3)]
    assert before + 3 == metrics.CONNECTIONS._value.get()
    for connection in connections:
        gateway.end(connection, 1000)
    assert before == metrics.CONNECTIONS._value.get()
    assert not gateway._connections


async def test_start_and_stop_may_be_said_twice() -> None:
    """One set of tasks runs, and none afterwards."""
    gateway = Clocked().gateway
    gateway.start()
    tasks = list(gateway._tasks)
    gateway.start()
    assert tasks == gateway._tasks
    gateway.stop()
    gateway.stop()
    await turns(lambda: all(task.done() for task in tasks))


async def test_a_few_sweeps_look_at_every_socket_once() -> None:
    """A fifth at a time, whoever comes or goes meanwhile."""
    clocked = Clocked()
    sinks = [RecordingSink() for _ in range(23)]
    for sink in sinks:
        clocked.gateway.open(sink, subprotocol=None)
    clocked.now += 100
    for _ in range(SHARES):
        clocked.gateway.sweep()
    assert [1] * 23 == [sink.pings for sink in sinks]
