"""The work of a gateway for a frame and an input. Only the writes grow with the number of sockets."""

import asyncio
import concurrent.futures
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from app.gateway.fanout.frame import Frame
from app.gateway.gateway import Gateway
from app.gateway.limits import Limits
from app.gateway.player.controls import Receiver
from app.gateway.player.session import SUBPROTOCOL
from app.layer.redis import layer_settings
from app.runtime.tasks import end
from app.wire import inputs, snapshot
from app.wire.channels import FRAME_TYPE, arena_group
from app.wire.uplink import BERTHED
from tests.gateway.doubles import RecordingSink, answer
from tests.gateway.doubles import snapshot as shot
from tests.redis_server import RedisServer

SOCKETS = 300
FRAMES = 20
PATIENCE_S = 10.0


class Crowd:
    """A gateway behind a real Redis with a crowd of sockets, and a tick that publishes for it."""

    def __init__(self, url: str) -> None:
        settings = layer_settings(url, "test")["CONFIG"]
        self.layer, self.tick = RedisPubSubChannelLayer(**settings), RedisPubSubChannelLayer(**settings)
        self.gateway = Gateway(self.layer, Limits(), distributed=True)
        self.sinks = [RecordingSink() for _ in range(SOCKETS)]
        self.receivers: list[Receiver] = []

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
        for tick in range(1, 1000):
            await self.publish(tick)
            await asyncio.sleep(0)
            if all(sink.frames for sink in self.sinks):
                break
        await self.publish(1000)  # when this one arrived, all before it have arrived
        await turn_until(lambda: not self.gateway.hub.is_newer(shot(1000)))

    async def publish(self, tick: int) -> None:
        data = snapshot.encode(shot(tick, *range(1, SOCKETS + 1)))
        await self.tick.group_send(arena_group(0), {"type": FRAME_TYPE, "arena": 0, "data": data})

    async def play(self) -> None:
        """Let all players steer and receive a frame, FRAMES times."""
        for tick in range(2000, 2000 + FRAMES):
            for receiver in self.receivers:
                receiver.receive_bytes(inputs.encode_input(tick & 0xFF, 7, thrusting=True))
            seen = len(self.sinks[-1].frames)
            await self.publish(tick)
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
        (snapshot, "decode", "snapshots decoded"),
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
