import asyncio
from random import Random

import pytest
from channels.layers import InMemoryChannelLayer

from app.observability import metrics
from app.sim.world import World
from app.tick.loop import PERIOD, SHARE_BEFORE_REST, Clock, TickLoop
from app.tick.schedule import Due
from app.wire import snapshot, uplink
from app.wire.channels import BATCH_TYPE, UPLINK_GROUP, arena_group
from app.wire.uplink import NO_SHIP, Batch, Entry
from tests.gateway.doubles import Counting, turns

EPOCH = 7
ONE = Due(1, 0, 0.0)


class Time:
    """A clock that moves only by sleeping, by what was asked and `late` more; it stops the loop after `sleeps`.

    Sleeping for no time is only a turn for others.
    """

    def __init__(self, sleeps: int = 0, late: float = 0.0) -> None:
        self.now = 100.0
        self.asked: list[float] = []
        self._sleeps = sleeps
        self._late = late

    async def sleep(self, seconds: float) -> None:
        if not seconds:
            await asyncio.sleep(0)
            return
        self.asked.append(seconds)
        if len(self.asked) > self._sleeps:
            raise asyncio.CancelledError
        self.now += seconds + self._late
        await asyncio.sleep(0)

    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: 5000.0 + self.now, self.sleep)


class Ticking:
    """A loop, its world and its layer."""

    def __init__(self, time: Time | None = None) -> None:
        self.layer = InMemoryChannelLayer()
        self.world = World(arena_capacity=0, random=Random(1))
        self.time = time or Time()
        self.loop = TickLoop(self.world, self.layer, epoch=EPOCH, clock=self.time.clock())

    def join(self, *sessions: int) -> None:
        roster = [Entry(session, NO_SHIP, 0) for session in sessions]
        self.loop.receive(uplink.encode(Batch(uplink.FORMAT, "g", "relay", 0, 1, roster, b"")))


async def test_a_tick_admits_steps_and_publishes() -> None:
    """In this order: the newcomer is in the frame of the tick that admitted it, and in the answer."""
    ticking = Ticking()
    await ticking.layer.group_add(arena_group(0), "watcher")
    ticking.join(4)
    ticking.loop.tick(Due(2, 0, 0.0))
    answer = uplink.decode_answer((await ticking.layer.receive("relay"))["data"])
    frame = snapshot.decode((await ticking.layer.receive("watcher"))["data"])
    assert [(4, frame.records["id"][0])] == [(berth.session, berth.ship) for berth in answer.berths]
    assert (2, 2, EPOCH, 5100.0) == (frame.tick, frame.steps, frame.epoch, frame.published)
    assert 1 == metrics.SHIPS._value.get()


async def test_a_session_that_left_takes_its_ship_along() -> None:
    """With the next tick; a world without ships publishes nothing."""
    ticking = Ticking()
    ticking.join(4, 5)
    ticking.loop.tick(ONE)
    ticking.join()
    ticking.loop.tick(ONE)
    assert 0 == len(ticking.world)
    assert 0 == metrics.SHIPS._value.get()


async def test_damaged_batches_are_counted_and_dropped() -> None:
    """Whatever they are, the loop does not hear an exception."""
    ticking, counting = Ticking(), Counting()
    ticking.loop.receive(b"?")
    ticking.loop.receive(uplink.encode(Batch(99, "g", "relay", 0, 1, [], b"")))
    ticking.loop.receive(uplink.encode(Batch(uplink.FORMAT, "g", "relay", 0, 1, [], b"12345")))
    assert {"shape": 2, "format": 1} == counting.moved()


async def test_the_loop_ticks_at_its_deadlines() -> None:
    """Each sleep is what is left of the period, so that lateness does not add up."""
    ticking = Ticking(Time(sleeps=20, late=0.01))
    with pytest.raises(asyncio.CancelledError):
        await ticking.loop.run()
    assert 20 == ticking.world.tick
    assert [pytest.approx(PERIOD)] + [pytest.approx(PERIOD - 0.01)] * 20 == ticking.time.asked


async def test_what_is_left_of_a_tick_is_offered_late() -> None:
    """After most of the wait for the next deadline, so that the frame is out."""
    slack: list[float] = []
    ticking = Ticking(Time(sleeps=4, late=0.0))
    ticking.loop = TickLoop(
        ticking.world, ticking.layer, epoch=EPOCH, clock=ticking.time.clock(), after_tick=slack.append
    )
    with pytest.raises(asyncio.CancelledError):
        await ticking.loop.run()
    rest = PERIOD * (1 - SHARE_BEFORE_REST)
    assert [pytest.approx(rest), pytest.approx(rest)] == slack
    assert 2 == ticking.world.tick


async def test_a_loop_that_slept_too_long_catches_up_and_slips(caplog: pytest.LogCaptureFixture) -> None:
    """Three steps at a wake-up, the rest given up, counted and logged."""
    slipped = metrics.TICKS_SLIPPED._value.get()
    ticking = Ticking(Time(sleeps=1, late=9.5 * PERIOD))
    with pytest.raises(asyncio.CancelledError):
        await ticking.loop.run()
    assert 3 == ticking.world.tick
    assert slipped + 7 == metrics.TICKS_SLIPPED._value.get()
    assert [("schedule_slipped", 7)] == [(record.message, record.ticks) for record in caplog.records]


async def test_the_loop_hears_what_gateways_say_to_the_group() -> None:
    """From the layer into the inbox, while it runs; and it stops listening when it ends."""
    ticking = Ticking(Time(sleeps=10**6))
    running = asyncio.create_task(ticking.loop.run())
    await turns(lambda: UPLINK_GROUP in ticking.layer.groups)
    joining = Batch(uplink.FORMAT, "g", "relay", 0, 1, [Entry(4, NO_SHIP, 0)], b"")
    await ticking.layer.group_send(UPLINK_GROUP, {"type": BATCH_TYPE, "data": uplink.encode(joining)})
    await turns(lambda: len(ticking.world) == 1)
    running.cancel()
    await asyncio.wait([running])
    await turns(lambda: 1 == len(asyncio.all_tasks()))
