import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from channels.layers import InMemoryChannelLayer

from app.gateway.player.uplink import Uplink
from app.observability import metrics
from app.wire import inputs, uplink
from app.wire.channels import UPLINK_GROUP
from app.wire.uplink import BERTHED
from tests.end_to_end.server import until
from tests.gateway.doubles import RecordingPlayer, answer, helm_of, steers

BURN = inputs.encode_input(9, 64, thrusting=True)


class Layer(InMemoryChannelLayer):  # type: ignore[misc]  # channels is untyped
    """A channel layer that notes what is sent, and may refuse it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[uplink.Batch] = []
        self.broken = False

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        if self.broken:
            raise ConnectionError("no Redis")
        assert UPLINK_GROUP == group
        self.sent.append(uplink.decode_batch(message["data"]))


@contextlib.asynccontextmanager
async def running(reply: list[str | None], seen: Sequence[bytes] = ()) -> AsyncIterator[tuple[Uplink, Layer]]:
    layer, gateway = Layer(), Uplink(lambda _version: list(seen))
    gateway.receive(answer())
    task = asyncio.create_task(gateway.run(layer, lambda: reply[0]))
    try:
        yield gateway, layer
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_nothing_is_said_while_no_answer_could_come() -> None:
    """Inputs of that time are not kept, but the newest is said as soon as there is a reply channel."""
    reply: list[str | None] = [None]
    async with running(reply) as (gateway, layer):
        helm = helm_of(gateway)
        gateway.join(1, RecordingPlayer(), helm)
        gateway.receive(answer((1, 1, 5, 0, BERTHED)))
        for _ in range(1000):
            helm.steer(BURN)
        await until(lambda: not gateway.steers)
        assert [] == layer.sent
        reply[0] = "relay"
        gateway.receive(answer(epoch=8))
        await until(lambda: bool(layer.sent))
        assert [(5, 9, 64, 1)] == steers(layer.sent[0])


async def test_a_layer_that_fails_costs_a_batch_and_no_more() -> None:
    """It is counted, and the roster is said when the layer is back."""
    before = metrics.UPLINK_FAILED._value.get()
    async with running(["relay"]) as (gateway, layer):
        layer.broken = True
        gateway.join(1, RecordingPlayer(), helm_of(gateway))
        await until(lambda: metrics.UPLINK_FAILED._value.get() >= before + 3)
        layer.broken = False
        await until(lambda: bool(layer.sent))
        assert [1] == uplink.entries(layer.sent[0].roster or b"")["session"].tolist()


async def test_what_was_seen_is_said_when_the_layer_is_back() -> None:
    """A successor asks for it once, and puts the world together from it."""
    before = metrics.UPLINK_FAILED._value.get()
    async with running(["relay"], [b"shot"]) as (gateway, layer):
        layer.broken = True
        gateway.join(1, RecordingPlayer(), helm_of(gateway))
        gateway.receive(answer(roster_wanted=True))
        await until(lambda: metrics.UPLINK_FAILED._value.get() >= before + 2)
        layer.broken = False
        await until(lambda: bool(layer.sent))
        assert [b"shot"] == layer.sent[0].seen
