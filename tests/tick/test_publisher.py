import asyncio
from typing import Any

import pytest

from app.observability import metrics
from app.tick.lease import Always
from app.tick.publisher import Publisher
from app.wire import snapshot as wire
from app.wire import uplink
from app.wire.formats import FORMAT, PREVIOUS
from app.wire.uplink import Answer
from tests.gateway.doubles import snapshot

ANSWER = Answer(FORMAT, 7, 5, b"", True)


class Layer:
    """A channel layer that records what is sent, and waits or fails on request."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.entered = asyncio.Event()
        self.free = asyncio.Event()
        self.free.set()
        self.broken = False

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self.entered.set()
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
    """Wait until the send in flight is over."""
    assert outward._sending is not None
    await outward._sending


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


async def test_at_most_one_send_is_in_flight() -> None:
    """A tick during a send is skipped and counted; the next one is sent."""
    layer, skipped = Layer(), metrics.PUBLISH_SKIPPED._value.get()
    outward = publisher(layer)
    layer.free.clear()
    outward.publish([snapshot(5, 1)], [])
    await layer.entered.wait()
    outward.publish([snapshot(6, 1)], [])
    assert skipped + 1 == metrics.PUBLISH_SKIPPED._value.get()
    layer.free.set()
    await done(outward)
    outward.publish([snapshot(7, 1)], [])
    await done(outward)
    assert [5, 7] == [wire.decode(message["data"]).tick for _, message in layer.sent]


async def test_a_tick_without_snapshots_and_answers_sends_nothing() -> None:
    """An empty world costs no task."""
    outward = publisher(Layer())
    outward.publish([], [])
    assert outward._sending is None


async def test_without_the_authority_nothing_more_is_sent() -> None:
    """Not even the rest of a frame: another tick may lead by now."""
    layer, authority = Layer(), Revocable(7)
    outward = publisher(layer, authority)
    layer.free.clear()
    outward.publish([snapshot(5, 1, arena=0), snapshot(5, 2, arena=3)], [("relay", ANSWER)])
    await layer.entered.wait()
    authority.lasts = False
    layer.free.set()
    await done(outward)
    assert ["relay"] == layer.channels()
    outward.publish([snapshot(6, 1)], [("relay", ANSWER)])
    await done(outward)
    assert ["relay"] == layer.channels()


async def test_a_failure_costs_only_the_frame(caplog: pytest.LogCaptureFixture) -> None:
    """It is counted and logged as one event; the next frame is sent."""
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
    assert 1 == len(layer.sent)
