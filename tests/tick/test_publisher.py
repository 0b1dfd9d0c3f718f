import asyncio
from typing import Any

import pytest

from app.observability import metrics
from app.tick.publisher import Publisher
from app.wire import snapshot as wire
from app.wire import uplink
from app.wire.uplink import Answer
from tests.gateway.doubles import snapshot, turns

ANSWER = Answer(uplink.FORMAT, 7, 5, [], True)


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


async def test_answers_go_before_frames() -> None:
    """So that a welcome reaches a player before its arena."""
    layer = Layer()
    Publisher(layer).publish([snapshot(5, 1, arena=0), snapshot(5, 2, arena=3)], [("relay", ANSWER)])
    await turns(lambda: len(layer.sent) == 3)
    assert ["relay", "flotilla.arena.0", "flotilla.arena.3"] == [channel for channel, _ in layer.sent]
    assert ANSWER == uplink.decode_answer(layer.sent[0][1]["data"])
    assert 3 == layer.sent[2][1]["arena"]
    assert [2] == wire.decode(layer.sent[2][1]["data"]).records["id"].tolist()


async def test_one_send_is_in_flight_at_most() -> None:
    """A tick that finds the last one still going is skipped and counted; the next one goes."""
    layer, skipped = Layer(), metrics.PUBLISH_SKIPPED._value.get()
    publisher = Publisher(layer)
    layer.free.clear()
    publisher.publish([snapshot(5, 1)], [])
    await asyncio.sleep(0)
    publisher.publish([snapshot(6, 1)], [])
    assert skipped + 1 == metrics.PUBLISH_SKIPPED._value.get()
    layer.free.set()
    await turns(lambda: layer.sent)
    await asyncio.sleep(0)
    publisher.publish([snapshot(7, 1)], [])
    await turns(lambda: len(layer.sent) == 2)
    assert [5, 7] == [wire.decode(message["data"]).tick for _, message in layer.sent]


async def test_nothing_to_say_is_not_sent() -> None:
    """An empty world rests."""
    publisher = Publisher(Layer())
    publisher.publish([], [])
    assert publisher._sending is None


async def test_a_failure_costs_the_frame_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    """Counted and logged as one event; the next frame goes."""
    layer, failed = Layer(), metrics.PUBLISH_FAILED._value.get()
    publisher = Publisher(layer)
    layer.broken = True
    publisher.publish([snapshot(5, 1)], [])
    await turns(lambda: metrics.PUBLISH_FAILED._value.get() == failed + 1)
    assert ["publish_failed"] == [record.message for record in caplog.records]
    layer.broken = False
    await asyncio.sleep(0)
    publisher.publish([snapshot(6, 1)], [])
    await turns(lambda: layer.sent)
