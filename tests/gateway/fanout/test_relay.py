import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from app.gateway.fanout.relay import Relay
from app.layer.local import LocalChannelLayer
from app.wire import formats, snapshot, uplink
from app.wire.channels import ANSWER_TYPE, FRAME_TYPE, arena_group
from app.wire.snapshot import Snapshot
from app.wire.uplink import Answer
from tests.gateway.doubles import EPOCH, Counting, turns
from tests.gateway.doubles import snapshot as shot

UNREADABLE = {"refused_format": 1, "answer_shape": 1, "answer_format": 1, "message_type": 1, "message_shape": 1}


class Received:
    """A relay in a channel layer, and its output."""

    def __init__(self) -> None:
        self.layer = LocalChannelLayer()
        self.snapshots: list[Snapshot] = []
        self.answers: list[Answer] = []
        self.wanted: frozenset[int] = frozenset()
        self.relay = Relay(
            self.layer,
            on_snapshots=self.snapshots.extend,
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

    async def answer(self, data: bytes) -> None:
        await self.send({"type": ANSWER_TYPE, "data": data})

    async def send(self, message: dict[str, Any]) -> None:
        assert self.relay.channel is not None
        await self.layer.send(self.relay.channel, message)


@contextlib.asynccontextmanager
async def relaying() -> AsyncIterator[Received]:
    received = Received()
    running = asyncio.create_task(received.relay.run())
    await turns(lambda: received.relay.channel)
    try:
        yield received
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_only_wanted_arenas_are_subscribed() -> None:
    """It joins a group when the arena is wanted, and leaves it afterwards."""
    async with relaying() as received:
        await received.want(1, 3)
        await received.publish(shot(5, 1, arena=1), shot(5, 2, arena=2), shot(5, 3, arena=3))
        await turns(lambda: len(received.snapshots) == 2)
        assert [1, 3] == sorted(each.arena for each in received.snapshots)
        await received.want(3)


async def test_all_ticks_of_an_arena_are_passed_on_in_order() -> None:
    """Those that arrived while the process was busy come together, because a replica needs every one."""
    async with relaying() as received:
        await received.want(1, 2)
        counting, channel = Counting(), received.relay.channel or ""
        for tick in (5, 6, 7):
            data = snapshot.encode(shot(tick, 1, arena=1))
            await received.layer.send(channel, {"type": FRAME_TYPE, "arena": 1, "data": data})
        await received.publish(shot(7, 9, arena=2))
        await turns(lambda: received.snapshots)
        assert [(1, 5), (1, 6), (1, 7), (2, 7)] == [(each.arena, each.tick) for each in received.snapshots]
        assert {} == counting.moved()


async def test_every_answer_is_passed_on() -> None:
    """An answer never replaces another one."""
    async with relaying() as received:
        answers = [Answer(formats.FORMAT, EPOCH, tick, b"", False) for tick in (1, 2, 3)]
        for each in answers:
            await received.answer(uplink.encode(each))
        await turns(lambda: len(received.answers) == 3)
        assert answers == received.answers


async def test_unreadable_messages_are_counted_and_dropped() -> None:
    """A damaged frame, an answer of another format, a message of a later type: the relay continues."""
    async with relaying() as received:
        await received.want(1)
        counting = Counting()
        damaged = {"type": FRAME_TYPE, "arena": 1, "data": b"\x09"}
        await received.layer.group_send(arena_group(1), damaged)
        await received.answer(b"?")
        await received.answer(msgspec.msgpack.encode([99, EPOCH, 1, b"", False, 99]))
        await received.send({"type": "flotilla.news", "data": b"of a later release"})
        await received.send({"type": FRAME_TYPE})
        await turns(lambda: counting.moved() == UNREADABLE)
        await received.publish(shot(5, 1, arena=1))
        await turns(lambda: received.snapshots)


async def test_a_stopped_relay_has_no_channel() -> None:
    """Otherwise answers would be sent to a channel that is not read."""
    async with relaying() as received:
        assert received.relay.channel is not None
    assert received.relay.channel is None


async def test_the_newest_snapshot_of_each_wanted_arena_is_kept() -> None:
    """A tick may request them, in its format. Nothing is kept of an arena without players."""
    async with relaying() as received:
        await received.want(1, 2)
        await received.publish(shot(5, 1, arena=1), shot(5, 2, arena=2))
        await turns(lambda: len(received.snapshots) == 2)
        await received.publish(shot(6, 1, arena=1))
        await turns(lambda: len(received.snapshots) == 3)
        for version in (formats.PREVIOUS, formats.FORMAT):
            newest = [snapshot.encode(shot(6, 1, arena=1), version), snapshot.encode(shot(5, 2, arena=2), version)]
            assert sorted(newest) == sorted(received.relay.seen(version))
        await received.want(2)
        assert [newest[1]] == received.relay.seen(formats.FORMAT)
        await received.want()
        assert [] == received.relay.seen(formats.FORMAT)
