import asyncio
import concurrent.futures
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from app.gateway.fanout.frame import Frame
from app.gateway.gateway import SHARES, SILENCE_S, Gateway
from app.gateway.player.connection import Connection
from app.gateway.player.controls import Receiver
from app.gateway.player.session import SUBPROTOCOL
from app.layer.local import LocalChannelLayer
from app.layer.redis import client, layer_settings
from app.observability import metrics
from app.runtime.tasks import end
from app.wire import inputs, outputs
from app.wire import snapshot as snapshots
from app.wire.channels import FRAME_TYPE, arena_group
from app.wire.outputs import Goodbye, Status
from app.wire.snapshot import Snapshot
from app.wire.uplink import BERTHED
from tests.gateway.doubles import EPOCH, Counting, RecordingSink, answer, limits, snapshot, turns
from tests.redis_server import RedisServer

SOCKETS = 300
FRAMES = 20
PATIENCE_S = 10.0


class Clocked:
    """A gateway whose clock is set by hand."""

    def __init__(self, after_frame: Callable[[float], None] = lambda _seconds: None) -> None:
        self.now = 1000.0
        self.gateway = Gateway(
            LocalChannelLayer(), limits(), clock=lambda: self.now, wall=lambda: 50.0, after_frame=after_frame
        )
        self.sink = RecordingSink()

    def join(self) -> Connection:
        """Open a socket that has sent HELLO."""
        connection = self.gateway.open(self.sink, subprotocol=SUBPROTOCOL)
        connection.controls.receive_bytes(inputs.encode_hello())
        return connection

    def fly(self) -> Connection:
        """Open a socket that has a ship."""
        connection = self.join()
        self.gateway.uplink.receive(answer((1, 1, 17, 0, BERTHED)))
        return connection

    async def publish(self, shot: Snapshot) -> None:
        """Let the relay receive a frame, as from the channel layer."""
        self.gateway.relay.receive({"type": FRAME_TYPE, "arena": shot.arena, "data": snapshots.encode(shot)})
        await asyncio.sleep(0)  # the relay passes it on in the next turn of the loop

    def received(self) -> list[outputs.ServerMessage]:
        return [message for control in self.sink.controls for message in outputs.decode(control.payload)]


@contextlib.asynccontextmanager
async def relaying(gateway: Gateway) -> AsyncIterator[None]:
    task = asyncio.create_task(gateway.relay.run())
    await turns(lambda: gateway.relay.channel)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_players_receive_a_pause_once_and_its_end() -> None:
    """It starts half a second after the last frame and ends with the next one."""
    clocked = Clocked()
    clocked.join()
    clocked.now += SILENCE_S
    clocked.gateway.sweep()
    assert [] == clocked.received()
    for _ in range(3):
        clocked.now += 0.1
        clocked.gateway.sweep()
    assert [Status(paused=True)] == clocked.received()
    await clocked.publish(snapshot(5, 1))
    clocked.gateway.sweep()
    assert [Status(paused=True), Status(paused=False)] == clocked.received()


async def test_without_players_there_is_no_pause() -> None:
    """A player who comes after a long time without frames receives neither a pause nor its end."""
    clocked = Clocked()
    clocked.gateway.open(clocked.sink, subprotocol=SUBPROTOCOL)
    for _ in range(10):
        clocked.now += 0.4
        clocked.gateway.sweep()
    await clocked.publish(snapshot(5, 1))
    assert [] == clocked.received()


async def test_a_single_hidden_player_receives_no_pause() -> None:
    """The world moves; only this gateway receives no frames."""
    clocked = Clocked()
    clocked.fly().controls.receive_bytes(inputs.encode_bare(inputs.Pause()))
    for _ in range(10):
        clocked.now += 0.4
        clocked.gateway.sweep()
    assert not [message for message in clocked.received() if isinstance(message, Status)]


async def test_frames_of_an_older_epoch_are_not_delivered() -> None:
    """A tick that was suspended may publish after its successor. Its frames do not end a pause either."""
    clocked, counting = Clocked(), Counting()
    clocked.fly()
    await clocked.publish(snapshot(5, 17))
    await clocked.publish(snapshot(6, 17, epoch=EPOCH + 1))
    clocked.now += 2 * SILENCE_S
    await clocked.publish(snapshot(7, 17))
    clocked.gateway.sweep()
    assert {"old": 1} == counting.moved()
    assert 2 == len(clocked.sink.frames)
    assert clocked.gateway.paused


async def test_an_answer_of_a_newer_epoch_makes_older_frames_old() -> None:
    """The gateway may receive an answer of the new tick before its first frame."""
    clocked, counting = Clocked(), Counting()
    clocked.fly()
    clocked.gateway.uplink.receive(answer(epoch=EPOCH + 1))
    await clocked.publish(snapshot(5, 17))
    assert {"old": 1} == counting.moved()
    assert [] == clocked.sink.frames


async def test_frames_that_are_not_newer_are_not_delivered() -> None:
    """The same tick, an older tick and an older epoch are counted as old."""
    clocked, counting = Clocked(), Counting()
    clocked.fly()
    await clocked.publish(snapshot(101, 17))
    for late in (snapshot(101, 17), snapshot(100, 17), snapshot(200, 17, epoch=EPOCH - 1)):
        await clocked.publish(late)
    assert {"old": 3} == counting.moved()
    assert 1 == len(clocked.sink.frames)


async def test_ticks_that_come_together_are_one_message() -> None:
    """The gateway was busy when they arrived. An old one among them is dropped alone."""
    clocked = Clocked()
    clocked.fly()
    await clocked.publish(snapshot(5, 17))
    for tick in (6, 5, 7):
        clocked.gateway.relay.receive({"type": FRAME_TYPE, "arena": 0, "data": snapshots.encode(snapshot(tick, 17))})
    await asyncio.sleep(0)
    assert 2 == len(clocked.sink.frames)
    assert outputs.DeltaBody(bytes([7, 2])) == outputs.decode(clocked.sink.frames[-1].payload)[0]


async def test_batches_are_aligned_to_the_frames() -> None:
    """The newest of the frames that came together counts."""
    clocked = Clocked()
    clocked.gateway.hub.arena(0).replicas.add(RecordingSink())
    free = clocked.gateway._alignment.wait(clocked.now)
    await clocked.publish(snapshot(5, 1))
    assert free != clocked.gateway._alignment.wait(clocked.now) > 0


async def test_an_overloaded_gateway_refuses_handshakes_until_it_has_time() -> None:
    """The sweep looks, also when no frame comes any more."""
    clocked = Clocked()
    clocked.gateway.pressure.exhausted = True
    clocked.gateway.sweep()
    assert "overloaded" == clocked.gateway.admission.refusal("a")
    clocked.now += 1
    clocked.gateway.sweep()
    assert clocked.gateway.admission.refusal("a") is None


async def test_without_frames_the_subscription_is_renewed() -> None:
    """It happens once every three seconds, and never without players."""
    clocked, renewed = Clocked(), []
    clocked.gateway.relay.renew = lambda: renewed.append(clocked.now)  # type: ignore[method-assign]  # a spy
    for _ in range(100):
        clocked.now += 0.1
        clocked.gateway.sweep()
    assert [] == renewed
    clocked.join()
    for _ in range(100):
        clocked.now += 0.1
        clocked.gateway.sweep()
    assert 3 == len(renewed)


async def test_the_sweep_enforces_limits_of_every_socket() -> None:
    """Closing one socket does not affect the others."""
    clocked = Clocked()
    silent, greeted = RecordingSink(), RecordingSink()
    clocked.gateway.open(silent, subprotocol=SUBPROTOCOL)
    clocked.gateway.open(greeted, subprotocol=SUBPROTOCOL).controls.receive_bytes(inputs.encode_hello())
    clocked.now += 6
    for _ in range(SHARES):
        clocked.gateway.sweep()
    assert (4004, "no HELLO in time") == silent.closed
    assert greeted.closed is None


async def test_sockets_are_counted() -> None:
    """Those that are open, and those that have ended."""
    clocked = Clocked()
    connections = [clocked.gateway.open(RecordingSink(), subprotocol=None) for _ in range(3)]
    clocked.gateway.end(connections[1], 1000)
    assert (2, 1) == (clocked.gateway.open_now(), clocked.gateway.ended())


async def test_a_restarted_connection_is_not_open() -> None:
    """Its socket still exists. It gets the hint in any state."""
    clocked = Clocked()
    clocked.gateway.open(clocked.sink, subprotocol=SUBPROTOCOL)
    other = clocked.gateway.open(RecordingSink(), subprotocol=None)
    for connection in clocked.gateway.open_connections():
        if connection is not other:
            connection.restart(250)
    assert [other] == clocked.gateway.open_connections()
    assert [Goodbye(250)] == clocked.received()
    assert (1012, "service restart") == clocked.sink.closed


async def test_a_gateway_without_players_meets_a_tick() -> None:
    """An answer to its greeting or a frame is enough."""
    clocked = Clocked()
    assert not clocked.gateway.meets_a_tick()
    clocked.gateway.uplink.receive(answer())
    assert not clocked.gateway.meets_a_tick()
    async with relaying(clocked.gateway):
        assert clocked.gateway.meets_a_tick()
    other = Clocked()
    await other.publish(snapshot(5, 1))
    assert other.gateway.meets_a_tick()


async def test_the_rest_of_a_frame_period_is_offered() -> None:
    """It is offered after frames, and by the sweep without frames."""
    left: asyncio.Queue[float] = asyncio.Queue()
    clocked = Clocked(left.put_nowait)
    await clocked.publish(snapshot(5, 1))
    async with asyncio.timeout(5):
        assert pytest.approx(0.05) == await left.get()
    clocked.now += 1
    clocked.gateway.sweep()
    assert pytest.approx(0.05) == left.get_nowait()


async def test_the_gauge_counts_open_sockets() -> None:
    """It rises with open and falls with end."""
    gateway = Clocked().gateway
    before = metrics.CONNECTIONS._value.get()
    connections = [gateway.open(RecordingSink(), subprotocol=None) for _ in range(3)]
    assert before + 3 == metrics.CONNECTIONS._value.get()
    for connection in connections:
        gateway.end(connection, 1000)
    assert before == metrics.CONNECTIONS._value.get()
    assert not gateway._connections


async def test_start_and_stop_may_be_called_twice() -> None:
    """One set of tasks runs, and none after the stop."""
    gateway = Clocked().gateway
    gateway.start()
    tasks = list(gateway._tasks)
    gateway.start()
    assert tasks == gateway._tasks
    gateway.stop()
    gateway.stop()
    await turns(lambda: all(task.done() for task in tasks))


async def test_a_round_of_sweeps_checks_every_socket_once() -> None:
    """Each sweep checks a tenth of the sockets."""
    clocked = Clocked()
    sinks = [RecordingSink() for _ in range(23)]
    for sink in sinks:
        clocked.gateway.open(sink, subprotocol=None)
    clocked.now += 100
    for _ in range(SHARES):
        clocked.gateway.sweep()
    assert [1] * 23 == [sink.pings for sink in sinks]


class Crowd:
    """A gateway behind a real Redis with a crowd of sockets, and a tick that publishes for it."""

    def __init__(self, url: str) -> None:
        self.url = url
        settings = layer_settings(url, "test")["CONFIG"]
        self.layer, self.tick = RedisPubSubChannelLayer(**settings), RedisPubSubChannelLayer(**settings)
        # Time stands still: ticks come faster here than in play, which looks like overload.
        self.gateway = Gateway(self.layer, limits(), distributed=True, clock=lambda: 1000.0)
        self.sinks = [RecordingSink() for _ in range(SOCKETS)]
        self.receivers: list[Receiver] = []
        self.published = 0  # the last tick

    async def gather(self) -> None:
        """Connect all players and send them a first frame."""
        self.gateway.start()
        await turn_until(lambda: self.gateway.relay.channel)
        for sink in self.sinks:
            receiver = self.gateway.open(sink, subprotocol=SUBPROTOCOL).controls
            receiver.receive_bytes(inputs.encode_hello())
            self.receivers.append(receiver)
        rows = [(number, 1, number, 0, BERTHED) for number in range(1, SOCKETS + 1)]
        self.gateway.uplink.receive(answer(*rows))
        await self.subscribed()
        await self.publish()
        await turn_until(lambda: all(sink.frames for sink in self.sinks))

    async def subscribed(self) -> None:
        """Wait until Redis knows that the gateway wants the arena."""
        redis = client(self.url)
        while not any(name.endswith(arena_group(0).encode()) for name in await redis.pubsub_channels()):
            pass
        await redis.aclose()

    async def publish(self) -> None:
        self.published += 1
        data = snapshots.encode(snapshot(self.published, *range(1, SOCKETS + 1)))
        await self.tick.group_send(arena_group(0), {"type": FRAME_TYPE, "arena": 0, "data": data})

    async def play(self) -> None:
        """Let all players steer and receive a frame, FRAMES times."""
        for sequence in range(FRAMES):
            for receiver in self.receivers:
                receiver.receive_bytes(inputs.encode_input(sequence, 7, thrusting=True))
            seen = len(self.sinks[-1].frames)
            await self.publish()
            await turn_until(lambda seen=seen: len(self.sinks[-1].frames) > seen)

    async def leave(self) -> None:
        tasks = list(self.gateway._tasks)
        self.gateway.stop()
        await end(*tasks)  # repeatedly: a task may have dropped the first cancellation
        await self.tick.flush()
        await self.layer.flush()


async def turn_until(condition: Callable[[], object]) -> None:
    """Let the loop turn. Unlike other ways of waiting, this makes no task."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0)


def counted(monkeypatch: pytest.MonkeyPatch, layer: Any) -> Counter[str]:
    """Count tasks, work for threads, frames and decoded messages from now on."""
    counts: Counter[str] = Counter()

    def count(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **options: Any) -> Any:
            counts[name] += 1
            return work(*args, **options)

        return counting

    asyncio.get_running_loop().set_task_factory(count("tasks", _task))
    for owner, attribute, name in (
        (concurrent.futures.ThreadPoolExecutor, "submit", "thread hops"),
        (Frame, "__init__", "frames made"),
        (snapshots, "decode", "snapshots decoded"),
        (inputs, "decode", "inputs decoded"),
    ):
        monkeypatch.setattr(owner, attribute, count(name, getattr(owner, attribute)))
    layer.deserialize = count("messages decoded", layer.deserialize)
    return counts


def _task(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> "asyncio.Task[Any]":
    return asyncio.Task(work, loop=loop, **options)


async def test_a_frame_costs_the_same_work_for_any_number_of_sockets(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """300 sockets, 20 frames, 6,000 inputs: no thread hop, task or decode per message and socket."""
    crowd = Crowd(redis_server.url)
    await crowd.gather()
    counts = counted(monkeypatch, crowd.layer)
    before = [len(sink.frames) for sink in crowd.sinks]
    await crowd.play()
    asyncio.get_running_loop().set_task_factory(None)
    assert [count + FRAMES for count in before] == [len(sink.frames) for sink in crowd.sinks]
    assert all(sink.frames[-1] is crowd.sinks[0].frames[-1] for sink in crowd.sinks)
    assert (FRAMES, FRAMES) == (counts["snapshots decoded"], counts["frames made"])
    assert FRAMES <= counts["messages decoded"] <= 2 * FRAMES  # the relay also sends messages to itself
    assert (0, 0) == (counts["thread hops"], counts["inputs decoded"])
    assert counts["tasks"] < 5 * FRAMES
    await crowd.leave()


async def test_a_connection_that_ended_is_released_within_a_round() -> None:
    """Also if no other connection is left."""
    clocked = Clocked()
    connections = [clocked.gateway.open(RecordingSink(), subprotocol=None) for _ in range(20)]
    clocked.gateway.sweep()
    for connection in connections:
        clocked.gateway.end(connection, 1000)
    for _ in range(SHARES):
        clocked.gateway.sweep()
    assert [] == clocked.gateway._unswept


async def test_limits_are_enforced_in_time_after_many_connections_left() -> None:
    """A round never takes longer than SHARES sweeps."""
    clocked = Clocked()
    many = [clocked.gateway.open(RecordingSink(), subprotocol=None) for _ in range(1000)]
    clocked.gateway.sweep()
    for connection in many:
        clocked.gateway.end(connection, 1000)
    clocked.gateway.open(clocked.sink, subprotocol=SUBPROTOCOL)
    clocked.now += limits().hello_timeout_s + 1
    for _ in range(2 * SHARES):
        clocked.gateway.sweep()
    assert clocked.sink.closed is not None
