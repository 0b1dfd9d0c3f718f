import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from channels.layers import InMemoryChannelLayer

from app.gateway.fanout.relay import Relay
from app.wire import formats, snapshot, uplink
from app.wire.channels import ANSWER_TYPE, FRAME_TYPE, arena_group
from app.wire.snapshot import Snapshot
from app.wire.uplink import Answer
from tests.gateway.doubles import EPOCH, Counting, turns
from tests.gateway.doubles import snapshot as shot

UNREADABLE = {"refused_format": 1, "answer_shape": 1, "answer_format": 1, "message_type": 1, "message_shape": 1}


class Heard:
    """A relay in a channel layer, and what came out of it."""

    def __init__(self) -> None:
        self.layer = InMemoryChannelLayer()
        self.snapshots: list[Snapshot] = []
        self.answers: list[Answer] = []
        self.wanted: frozenset[int] = frozenset()
        self.relay = Relay(
            self.layer,
            on_snapshot=self.snapshots.append,
            on_answer=self.answers.append,
            wanted=lambda: self.wanted,
            echo=False,
        )

    async def want(self, *arenas: int) -> None:
        self.wanted = frozenset(arenas)
        self.relay.wants_changed()
        await turns(lambda: set(map(arena_group, arenas)) == set(self.layer.groups))

    async def publish(self, *shots: Snapshot) -> None:
        for each in shots:
            message = {"type": FRAME_TYPE, "arena": each.arena, "data": snapshot.encode(each)}
            await self.layer.group_send(arena_group(each.arena), message)

    async def say(self, data: bytes) -> None:
        await self.send({"type": ANSWER_TYPE, "data": data})

    async def send(self, message: dict[str, Any]) -> None:
        assert self.relay.channel is not None
        await self.layer.send(self.relay.channel, message)


@contextlib.asynccontextmanager
async def relaying() -> AsyncIterator[Heard]:
    heard = Heard()
    running = asyncio.create_task(heard.relay.run())
    await turns(lambda: heard.relay.channel)
    try:
        yield heard
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_only_wanted_arenas_are_subscribed() -> None:
    """Joined when wanted, left when not."""
    async with relaying() as heard:
        await heard.want(1, 3)
        await heard.publish(shot(5, 1, arena=1), shot(5, 2, arena=2), shot(5, 3, arena=3))
        await turns(lambda: len(heard.snapshots) == 2)
        assert [1, 3] == sorted(each.arena for each in heard.snapshots)
        await heard.want(3)


async def test_only_the_newest_frame_of_an_arena_is_used() -> None:
    """What came in one go is superseded, counted, not queued."""
    async with relaying() as heard:
        await heard.want(1, 2)
        counting = Counting()
        channel = heard.relay.channel or ""
        for tick in (5, 6, 7):
            data = snapshot.encode(shot(tick, 1, arena=1))
            await heard.layer.send(channel, {"type": FRAME_TYPE, "arena": 1, "data": data})
        await heard.publish(shot(7, 9, arena=2))
        await turns(lambda: len(heard.snapshots) == 2)
        assert [(1, 7), (2, 7)] == sorted((each.arena, each.tick) for each in heard.snapshots)
        assert {"superseded": 2} == counting.moved()


async def test_answers_come_through_each() -> None:
    """They are no frames: none is superseded."""
    async with relaying() as heard:
        answers = [Answer(formats.FORMAT, EPOCH, tick, b"", False) for tick in (1, 2, 3)]
        for answer in answers:
            await heard.say(uplink.encode(answer))
        await turns(lambda: len(heard.answers) == 3)
        assert answers == heard.answers


async def test_what_cannot_be_read_is_counted_and_dropped() -> None:
    """A damaged frame, an answer of another format, a message of a type to come: the relay goes on."""
    async with relaying() as heard:
        await heard.want(1)
        counting = Counting()
        damaged = {"type": FRAME_TYPE, "arena": 1, "data": b"\x09"}
        await heard.layer.group_send(arena_group(1), damaged)
        await heard.say(b"?")
        await heard.say(msgspec.msgpack.encode([99, EPOCH, 1, b"", False, 99]))
        await heard.send({"type": "flotilla.news", "data": b"of a later release"})
        await heard.send({"type": FRAME_TYPE})
        await turns(lambda: counting.moved() == UNREADABLE)
        await heard.publish(shot(5, 1, arena=1))
        await turns(lambda: heard.snapshots)


async def test_a_stopped_relay_has_no_channel() -> None:
    """So that nobody gives out an address where nobody listens."""
    async with relaying() as heard:
        assert heard.relay.channel is not None
    assert heard.relay.channel is None


async def test_the_newest_snapshot_of_each_wanted_arena_is_kept() -> None:
    """For a tick that asks what was seen last, in its format; of an arena that nobody watches, nothing is kept."""
    async with relaying() as heard:
        await heard.want(1, 2)
        await heard.publish(shot(5, 1, arena=1), shot(5, 2, arena=2))
        await turns(lambda: len(heard.snapshots) == 2)
        await heard.publish(shot(6, 1, arena=1))
        await turns(lambda: len(heard.snapshots) == 3)
        for version in (formats.PREVIOUS, formats.FORMAT):
            newest = [snapshot.encode(shot(6, 1, arena=1), version), snapshot.encode(shot(5, 2, arena=2), version)]
            assert sorted(newest) == sorted(heard.relay.seen(version))
        await heard.want(2)
        assert [newest[1]] == heard.relay.seen(formats.FORMAT)
        await heard.want()
        assert [] == heard.relay.seen(formats.FORMAT)
