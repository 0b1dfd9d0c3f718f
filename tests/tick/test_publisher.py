import asyncio
from typing import Any

import pytest

from app.observability import metrics
from app.tick import publisher as publisher_module
from app.tick.lease import Always
from app.tick.publisher import UNSENT_TICKS, Publisher
from app.wire import snapshot as wire
from app.wire import uplink
from app.wire.formats import FORMAT, PREVIOUS
from app.wire.uplink import Answer
from tests.gateway.doubles import snapshot, turns

ANSWER = Answer(FORMAT, 7, 5, b"", True)


class Layer:
    """A channel layer that records what is sent, and waits or fails on request."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.entered = asyncio.Event()
        self.free = asyncio.Event()
        self.free.set()
        self.broken = False
        self.slow_channel: str | None = None  # None: all are slow

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self.entered.set()
        if self.slow_channel in (None, channel):
            await self.free.wait()
        if self.broken:
            raise ConnectionError
        self.sent.append((channel, message))

    group_send = send

    def channels(self) -> list[str]:
        return [channel for channel, _ in self.sent]


class Revocable(Always):
    lasts = True

    def held(self) -> bool:
        return self.lasts


def publisher(layer: Layer, authority: Always | None = None) -> Publisher:
    return Publisher(layer, authority or Always(7))


async def done(outward: Publisher) -> None:
    """Wait until no send is in flight."""
    await turns(outward.idle)


def ticks(layer: Layer, channel: str = "flotilla.arena.0") -> list[int]:
    return [wire.decode(message["data"]).tick for sent_to, message in layer.sent if sent_to == channel]


async def test_answers_go_before_frames() -> None:
    """A player then gets WELCOME before the frames of the arena."""
    layer = Layer()
    outward = publisher(layer)
    outward.publish([snapshot(5, 1, arena=0), snapshot(5, 2, arena=3)], [("relay", ANSWER)])
    await done(outward)
    assert ["relay", "flotilla.arena.0", "flotilla.arena.3"] == layer.channels()
    assert ANSWER == uplink.decode_answer(layer.sent[0][1]["data"])
    assert 3 == layer.sent[2][1]["arena"]
    assert [2] == wire.decode(layer.sent[2][1]["data"]).records["id"].tolist()


@pytest.mark.parametrize("version", [PREVIOUS, FORMAT])
async def test_frames_are_written_in_the_format_that_all_gateways_read(version: int) -> None:
    """An answer names its own format."""
    layer = Layer()
    outward = publisher(layer)
    outward.publish([snapshot(5, 1)], [("relay", ANSWER)], version)
    await done(outward)
    assert [FORMAT, version] == [uplink.decode_answer(layer.sent[0][1]["data"]).format, layer.sent[1][1]["data"][0]]


async def test_ticks_wait_for_a_slow_layer_in_order() -> None:
    """A replica can then follow all of them."""
    layer, skipped = Layer(), metrics.PUBLISH_SKIPPED._value.get()
    outward = publisher(layer)
    layer.free.clear()
    for tick in range(5, 5 + UNSENT_TICKS):
        outward.publish([snapshot(tick, 1)], [])
        await layer.entered.wait()
    layer.free.set()
    await done(outward)
    assert list(range(5, 5 + UNSENT_TICKS)) == ticks(layer)
    assert skipped == metrics.PUBLISH_SKIPPED._value.get()


async def test_the_oldest_ticks_over_the_bound_are_dropped() -> None:
    """They are counted. The one whose send is in flight still arrives."""
    layer, skipped = Layer(), metrics.PUBLISH_SKIPPED._value.get()
    outward = publisher(layer)
    layer.free.clear()
    for tick in range(5, 5 + UNSENT_TICKS + 3):
        outward.publish([snapshot(tick, 1)], [])
        await layer.entered.wait()
    layer.free.set()
    await done(outward)
    assert [5, *range(8, 5 + UNSENT_TICKS + 3)] == ticks(layer)
    assert skipped + 3 == metrics.PUBLISH_SKIPPED._value.get()


async def test_the_unsent_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest tick is always kept."""
    monkeypatch.setattr(publisher_module, "UNSENT_BYTES", 200)
    layer = Layer()
    outward = publisher(layer)
    layer.free.clear()
    for tick in (5, 6, 7):
        outward.publish([snapshot(tick, *range(1, 10))], [])
    await layer.entered.wait()
    layer.free.set()
    await done(outward)
    assert [7] == ticks(layer)


async def test_arenas_do_not_wait_for_each_other() -> None:
    """While the send of one is in flight, the others are sent."""
    layer = Layer()
    outward = publisher(layer)
    layer.slow_channel = "flotilla.arena.0"
    layer.free.clear()
    outward.publish([snapshot(5, 1, arena=0), snapshot(5, 2, arena=3)], [])
    await turns(lambda: layer.sent)
    assert ["flotilla.arena.3"] == layer.channels()
    layer.free.set()
    await done(outward)


async def test_a_tick_without_snapshots_and_answers_sends_nothing() -> None:
    """An empty world costs no task."""
    outward = publisher(Layer())
    outward.publish([], [])
    assert outward.idle()


async def test_without_the_authority_nothing_more_is_sent() -> None:
    """What waits behind a send is dropped: another tick may lead by now."""
    layer, authority = Layer(), Revocable(7)
    outward = publisher(layer, authority)
    layer.free.clear()
    outward.publish([snapshot(5, 1)], [("relay", ANSWER), ("relay", ANSWER)])
    await layer.entered.wait()
    outward.publish([snapshot(6, 1)], [])
    authority.lasts = False
    layer.free.set()
    await done(outward)
    assert ["flotilla.arena.0", "relay"] == sorted(layer.channels())
    assert [5] == ticks(layer)
    outward.publish([snapshot(7, 1)], [("relay", ANSWER)])
    await done(outward)
    assert 2 == len(layer.sent)


async def test_after_a_failure_the_ticks_are_sent_again(caplog: pytest.LogCaptureFixture) -> None:
    """It is counted and logged as one event. The next tick sends both."""
    layer, failed = Layer(), metrics.PUBLISH_FAILED._value.get()
    outward = publisher(layer)
    layer.broken = True
    outward.publish([snapshot(5, 1)], [])
    with caplog.at_level("DEBUG", "app.tick"):
        await done(outward)
    assert failed + 1 == metrics.PUBLISH_FAILED._value.get()
    assert ["publish_failed"] == [record.message for record in caplog.records]
    layer.broken = False
    outward.publish([snapshot(6, 1)], [])
    await done(outward)
    assert [5, 6] == ticks(layer)


async def test_answers_that_failed_are_not_repeated() -> None:
    """The next roster of the gateway brings newer ones."""
    layer = Layer()
    outward = publisher(layer)
    layer.broken = True
    outward.publish([], [("relay", ANSWER), ("relay", ANSWER)])
    await done(outward)
    layer.broken = False
    outward.publish([snapshot(6, 1)], [])
    await done(outward)
    assert ["flotilla.arena.0"] == layer.channels()
