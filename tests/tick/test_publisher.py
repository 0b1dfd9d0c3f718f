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
from tests.gateway.doubles import snapshot, turns

ANSWER = Answer(FORMAT, 7, 5, b"", True)


class Layer:
    """A channel layer that notes what is sent, and waits or fails when told to."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.free = asyncio.Event()
        self.free.set()
        self.broken = False

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        await self.free.wait()
        if self.broken:
            raise ConnectionError
        self.sent.append((channel, message))

    group_send = send

    def channels(self) -> list[str]:
        return [channel for channel, _ in self.sent]


class Revocable(Always):
    """An authority that ends when it is told to."""

    lasts = True

    def held(self) -> bool:
        return self.lasts


def publisher(layer: Layer, authority: Always | None = None) -> Publisher:
    return Publisher(layer, authority or Always(7))


async def test_answers_go_before_frames() -> None:
    """So that a welcome reaches a player before its arena."""
    layer = Layer()
    publisher(layer).publish([snapshot(5, 1, arena=0), snapshot(5, 2, arena=3)], [("relay", ANSWER)])
    await turns(lambda: len(layer.sent) == 3)
    assert ["relay", "flotilla.arena.0", "flotilla.arena.3"] == layer.channels()
    assert ANSWER == uplink.decode_answer(layer.sent[0][1]["data"])
    assert 3 == layer.sent[2][1]["arena"]
    assert [2] == wire.decode(layer.sent[2][1]["data"]).records["id"].tolist()


@pytest.mark.parametrize("version", [PREVIOUS, FORMAT])
async def test_frames_are_written_in_the_format_that_all_read(version: int) -> None:
    """The newest one if nothing else is said; an answer names its own."""
    layer = Layer()
    publisher(layer).publish([snapshot(5, 1)], [("relay", ANSWER)], version)
    await turns(lambda: len(layer.sent) == 2)
    assert [FORMAT, version] == [uplink.decode_answer(layer.sent[0][1]["data"]).format, layer.sent[1][1]["data"][0]]


async def test_one_send_is_in_flight_at_most() -> None:
    """A tick that finds the last one still going is skipped and counted; the next one goes."""
    layer, skipped = Layer(), metrics.PUBLISH_SKIPPED._value.get()
    outward = publisher(layer)
    layer.free.clear()
    outward.publish([snapshot(5, 1)], [])
    await asyncio.sleep(0)
    outward.publish([snapshot(6, 1)], [])
    assert skipped + 1 == metrics.PUBLISH_SKIPPED._value.get()
    layer.free.set()
    await turns(lambda: layer.sent)
    await asyncio.sleep(0)
    outward.publish([snapshot(7, 1)], [])
    await turns(lambda: len(layer.sent) == 2)
    assert [5, 7] == [wire.decode(message["data"]).tick for _, message in layer.sent]


async def test_nothing_to_say_is_not_sent() -> None:
    """An empty world rests."""
    outward = publisher(Layer())
    outward.publish([], [])
    assert outward._sending is None


async def test_who_lost_the_authority_falls_silent_at_once() -> None:
    """In the middle of a frame too: another may speak by now."""
    layer, authority = Layer(), Revocable(7)
    outward = publisher(layer, authority)
    layer.free.clear()
    outward.publish([snapshot(5, 1, arena=0), snapshot(5, 2, arena=3)], [("relay", ANSWER)])
    await asyncio.sleep(0)
    authority.lasts = False
    layer.free.set()
    await turns(lambda: outward._sending is not None and outward._sending.done())
    assert ["relay"] == layer.channels()
    outward.publish([snapshot(6, 1)], [("relay", ANSWER)])
    await turns(lambda: outward._sending is not None and outward._sending.done())
    assert ["relay"] == layer.channels()


async def test_a_failure_costs_the_frame_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    """Counted and logged as one event; the next frame goes."""
    layer, failed = Layer(), metrics.PUBLISH_FAILED._value.get()
    outward = publisher(layer)
    layer.broken = True
    outward.publish([snapshot(5, 1)], [])
    with caplog.at_level("DEBUG", "app.tick"):
        await turns(lambda: metrics.PUBLISH_FAILED._value.get() == failed + 1)
    assert ["publish_failed"] == [record.message for record in caplog.records]
    layer.broken = False
    await asyncio.sleep(0)
    outward.publish([snapshot(6, 1)], [])
    await turns(lambda: layer.sent)
