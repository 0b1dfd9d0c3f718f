"""The loop: wait for the deadline, drain the inbox, step, publish; and the listener that fills the inbox."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from channels.layers import BaseChannelLayer

from app.observability import metrics
from app.sim.rules import TICK_RATE
from app.sim.world import World
from app.tick import capture
from app.tick.inbox import Inbox
from app.tick.publisher import Publisher
from app.tick.schedule import Due, Schedule
from app.wire import uplink
from app.wire.channels import GROUP_REFRESH_S, UPLINK_GROUP
from app.wire.refusal import Refused

PERIOD: Final = 1 / TICK_RATE  # seconds; the budget of a tick
SHARE_BEFORE_REST: Final = 0.6  # of the time until the next deadline that belongs to the frame and to inputs

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and waiting; tests give their own."""

    monotonic: Callable[[], float] = time.perf_counter
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class TickLoop:
    """Steps one world at a fixed rate and tells the gateways."""

    def __init__(
        self,
        world: World,
        layer: BaseChannelLayer,
        *,
        epoch: int,
        clock: Clock | None = None,
        after_tick: Callable[[float], None] | None = None,
    ) -> None:
        """Take the world to step, the channel layer to the gateways, and what to do with the seconds left of a tick."""
        self._world = world
        self._layer = layer
        self._epoch = epoch
        self._clock = clock or Clock()
        self._after_tick = after_tick
        self._inbox = Inbox(epoch)
        self._publisher = Publisher(layer)

    async def run(self) -> None:
        """Listen and tick until cancelled."""
        listener = asyncio.create_task(self._listen())
        try:
            await self._tick_for_ever()
        finally:
            listener.cancel()

    async def _tick_for_ever(self) -> None:
        schedule = Schedule(self._clock.monotonic(), PERIOD)
        while True:
            await self._clock.sleep(max(0.0, schedule.deadline - self._clock.monotonic()))
            due = schedule.due(self._clock.monotonic())
            if due.steps:
                self.tick(due)
                if self._after_tick is not None:
                    await self._rest(schedule, self._after_tick)

    async def _rest(self, schedule: Schedule, after_tick: Callable[[float], None]) -> None:
        """Offer what is left of the tick, late: first the frame goes out, in one process by the same loop."""
        await self._clock.sleep(max(0.0, schedule.deadline - self._clock.monotonic()) * SHARE_BEFORE_REST)
        after_tick(schedule.deadline - self._clock.monotonic())

    def tick(self, due: Due) -> None:
        """Run one wake-up of the loop."""
        started = self._clock.monotonic()
        self._advance(due.steps)
        shots = capture.snapshots(self._world, epoch=self._epoch, steps=due.steps, published=self._clock.wall())
        self._publisher.publish(shots, self._inbox.answers(self._world.tick))
        self._measure(due, self._clock.monotonic() - started)

    def receive(self, data: bytes) -> None:
        """Take in one batch as it came; a damaged one is counted and dropped."""
        try:
            self._inbox.receive(uplink.decode_batch(data))
        except Refused as refused:
            metrics.BATCHES_REFUSED.labels(refused.reason).inc()

    def _advance(self, steps: int) -> None:
        changes = self._inbox.drain()
        self._world.release(changes.departures)
        self._inbox.seat(changes.newcomers, self._world.admit(len(changes.newcomers)))
        self._world.apply(changes.inputs)
        for _ in range(steps):
            self._world.step()

    def _measure(self, due: Due, duration: float) -> None:
        metrics.TICK_DURATION.observe(duration)
        metrics.TICK_LATENESS.observe(due.lateness)
        metrics.SHIPS.set(len(self._world))
        if duration > PERIOD:
            metrics.TICK_OVERRUNS.inc()
        if due.slipped:
            metrics.TICKS_SLIPPED.inc(due.slipped)
            logger.warning("schedule_slipped", extra={"ticks": due.slipped})

    async def _listen(self) -> None:
        channel = await self._layer.new_channel()
        membership = asyncio.create_task(self._stay_in_group(channel))
        try:
            while True:
                message = await self._layer.receive(channel)
                self.receive(message["data"])
        finally:
            membership.cancel()

    async def _stay_in_group(self, channel: str) -> None:
        while True:
            await self._layer.group_add(UPLINK_GROUP, channel)
            await asyncio.sleep(GROUP_REFRESH_S)
