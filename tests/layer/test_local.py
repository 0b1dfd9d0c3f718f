import asyncio

import pytest
from channels.exceptions import ChannelFull

from app.layer.local import CAPACITY, LocalChannelLayer
from app.observability import metrics

MESSAGE = {"type": "frame", "data": b"tick"}


def waiting(layer: LocalChannelLayer, channel: str) -> int:
    queue = layer.channels.get(channel)
    return queue.qsize() if queue is not None else 0


async def test_a_group_message_is_delivered_without_a_turn_of_the_loop() -> None:
    """No other callback of the loop runs before the message is in every queue of the group."""
    layer, turned = LocalChannelLayer(), []
    for channel in ("one", "two"):
        await layer.group_add("arena", channel)
    asyncio.get_running_loop().call_soon(turned.append, True)
    await layer.group_send("arena", MESSAGE)
    assert ([], 1, 1) == (turned, waiting(layer, "one"), waiting(layer, "two"))
    assert MESSAGE == await layer.receive("two")


async def test_messages_stay_in_order() -> None:
    """A receiver gets them as they were sent."""
    layer = LocalChannelLayer()
    await layer.group_add("arena", "one")
    for tick in range(5):
        await layer.group_send("arena", {"type": "frame", "tick": tick})
    assert list(range(5)) == [(await layer.receive("one"))["tick"] for _ in range(5)]


async def test_a_full_channel_is_counted_and_the_others_get_the_message() -> None:
    """A receiver that stopped reading costs nobody else a message."""
    layer, before = LocalChannelLayer(), metrics.LAYER_FULL._value.get()
    await layer.group_add("arena", "full")
    await layer.group_add("arena", "other")
    for _ in range(CAPACITY):
        await layer.send("full", MESSAGE)
    await layer.group_send("arena", MESSAGE)
    assert (before + 1, 1) == (metrics.LAYER_FULL._value.get(), waiting(layer, "other"))


async def test_a_message_to_one_full_channel_raises() -> None:
    """The sender of an answer learns that it was not delivered."""
    layer = LocalChannelLayer()
    for _ in range(CAPACITY):
        await layer.send("full", MESSAGE)
    with pytest.raises(ChannelFull):
        await layer.send("full", MESSAGE)
    assert CAPACITY == waiting(layer, "full")


async def test_a_group_without_members_takes_a_message() -> None:
    """Nothing is kept of it."""
    layer = LocalChannelLayer()
    await layer.group_send("arena", MESSAGE)
    assert {} == layer.channels
