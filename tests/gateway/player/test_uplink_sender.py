import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from app.gateway.player.alignment import FREE_S
from app.gateway.player.uplink import Uplink
from app.gateway.player.uplink_sender import UplinkSender
from app.layer.local import LocalChannelLayer
from app.observability import metrics
from app.wire import inputs, uplink
from app.wire.channels import UPLINK_GROUP
from app.wire.uplink import BERTHED
from tests.gateway.doubles import RecordingPlayer, answer, steers, turns

BURN = inputs.encode_input(9, 64, thrusting=True)


class Layer(LocalChannelLayer):
    """A channel layer that keeps what is sent, and fails while `broken`."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[uplink.Batch] = []
        self.broken = False

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        if self.broken:
            raise ConnectionError("no Redis")
        assert UPLINK_GROUP == group
        self.sent.append(uplink.decode_batch(message["data"]))


class Running:
    """A sender that runs in virtual time: `periods` lets that many half ticks pass."""

    def __init__(self, seen: Sequence[bytes]) -> None:
        self.now = 1000.0
        self.layer = Layer()
        self.reply: str | None = "relay"
        self.uplink = Uplink(lambda _version: list(seen), lambda: self.now)
        self.uplink.receive(answer())
        self._wake: asyncio.Future[None] | None = None
        self._sender = UplinkSender(self.uplink, self.layer, lambda: self.reply, sleep=self._sleep)
        self.task = asyncio.create_task(self._sender.run())

    async def periods(self, count: int = 1) -> None:
        for _ in range(count):
            await turns(lambda: self._wake)
            assert self._wake is not None
            wake, self._wake = self._wake, None
            self.now += FREE_S
            wake.set_result(None)
            await turns(lambda: self._wake)  # the sender sleeps again, so all of the period is done

    async def _sleep(self, seconds: float) -> None:
        assert FREE_S == seconds
        self._wake = asyncio.get_running_loop().create_future()
        await self._wake


@contextlib.asynccontextmanager
async def running(*seen: bytes) -> AsyncIterator[Running]:
    scene = Running(seen)
    try:
        yield scene
    finally:
        scene.task.cancel()
        await asyncio.wait([scene.task])


def failures() -> float:
    return float(metrics.UPLINK_FAILED._value.get())


async def test_nothing_is_sent_without_a_reply_channel() -> None:
    """Inputs of that time are dropped and counted, but the newest is sent as soon as there is a reply channel."""
    async with running() as scene:
        scene.reply = None
        player = RecordingPlayer(scene.uplink)
        scene.uplink.receive(answer((1, 1, 5, 0, BERTHED)))
        for _ in range(1000):
            player.controls.steer(BURN)
        before = failures()
        await scene.periods(2)
        assert ([], b"", before + 2) == (scene.layer.sent, bytes(scene.uplink.input_rows), failures())
        scene.reply = "relay"
        scene.uplink.receive(answer(epoch=8))
        await scene.periods()
        assert [(5, 9, 64, 1)] == steers(scene.layer.sent[0])


async def test_an_empty_gateway_without_a_reply_channel_counts_no_failure() -> None:
    """There was nothing to send."""
    async with running() as scene:
        scene.reply, before = None, failures()
        await scene.periods(3)
        assert before == failures()


async def test_a_layer_that_fails_costs_one_batch() -> None:
    """Each failure is counted, and the roster is sent when the layer works again."""
    async with running() as scene:
        scene.layer.broken, before = True, failures()
        RecordingPlayer(scene.uplink)
        await scene.periods(3)
        assert before + 3 == failures()
        scene.layer.broken = False
        await scene.periods()
        assert [1] == uplink.entries(scene.layer.sent[0].roster or b"")["session"].tolist()


async def test_snapshots_are_sent_when_the_layer_works_again() -> None:
    """A new tick requests them once, and builds the world from them."""
    async with running(b"shot") as scene:
        scene.layer.broken = True
        RecordingPlayer(scene.uplink)
        scene.uplink.receive(answer(roster_wanted=True))
        await scene.periods(2)
        scene.layer.broken = False
        await scene.periods()
        assert [b"shot"] == scene.layer.sent[0].seen
