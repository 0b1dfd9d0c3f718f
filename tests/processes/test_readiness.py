"""app/processes/readiness.py with a real gateway and a real drain, on a channel layer in memory."""

import asyncio
from collections.abc import Callable

from app.gateway.drain import Drain
from app.gateway.gateway import Gateway
from app.layer.local import LocalChannelLayer
from app.processes.readiness import Readiness
from app.wire import formats, uplink
from app.wire.channels import ANSWER_TYPE, UPLINK_GROUP
from app.wire.uplink import Answer
from tests.gateway.doubles import limits

TURNS = 1000  # of the event loop, in which all tasks that can run have run


class Process:
    """A gateway process without sockets, and the channel layer on which its tick would be."""

    def __init__(self) -> None:
        self.layer = LocalChannelLayer()
        self.gateway = Gateway(self.layer, limits())
        self.drain = Drain(self.gateway, self.gateway.admission, wait_s=0, window_s=0)
        self._readiness = Readiness(self.gateway, self.drain)

    def reason(self) -> str | None:
        return self._readiness.not_ready_reason()

    async def meet_a_tick(self) -> None:
        """Start the gateway, and answer its first batch as a tick does."""
        await self.layer.group_add(UPLINK_GROUP, "tick")
        self.gateway.start()
        batch = uplink.decode_batch((await self.layer.receive("tick"))["data"])
        answer = Answer(formats.common(batch.reads), epoch=7, tick=1, berths=b"", roster_wanted=False)
        await self.layer.send(batch.reply, {"type": ANSWER_TYPE, "data": uplink.encode(answer)})
        await turns(self.gateway.meets_a_tick)

    async def lose_the_tick(self) -> None:
        self.gateway.stop()
        await turns(lambda: not self.gateway.meets_a_tick())


async def turns(condition: Callable[[], bool]) -> None:
    """Let the event loop turn until `condition` holds; no time passes."""
    for _ in range(TURNS):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("the condition never held")


async def test_a_new_process_waits_for_a_tick() -> None:
    """Before, its players would see an empty world."""
    process = Process()
    assert "no frame was seen yet" == process.reason()
    await process.meet_a_tick()
    assert process.reason() is None
    process.gateway.stop()


async def test_the_loss_of_the_tick_changes_nothing() -> None:
    """Otherwise a restart of the tick would remove every gateway from the load balancer."""
    process = Process()
    await process.meet_a_tick()
    assert process.reason() is None
    await process.lose_the_tick()
    assert process.reason() is None


async def test_a_drain_ends_readiness() -> None:
    """Also if the process is in touch with a tick."""
    process = Process()
    await process.meet_a_tick()
    await process.drain.run()
    assert "draining" == process.reason()
    process.gateway.stop()
