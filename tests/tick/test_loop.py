import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random
from typing import Any

import pytest

from app.layer.local import LocalChannelLayer
from app.observability import metrics
from app.runtime.idle_time import BUSY_SHARE
from app.runtime.tasks import end
from app.sim.world import World
from app.tick import capture, recovery
from app.tick.inbox import SILENCE_TICKS, Inbox
from app.tick.lease import Always
from app.tick.loop import PERIOD, Clock, TickLoop
from app.tick.players import Pilot, Players
from app.tick.publisher import Publisher
from app.tick.schedule import Due
from app.wire import snapshot, uplink
from app.wire.channels import BATCH_TYPE, arena_group
from app.wire.uplink import BERTHED, NO_SHIP, Batch
from tests.gateway.doubles import Counting, turns
from tests.gateway.doubles import snapshot as shot_of
from tests.tick.rosters import EPOCH, batch, entry, steer, verdicts_in, without_roster
from tests.virtual_time import VirtualTime

ONE = Due(1, 0, 0.0)
HANG_S = 10.0  # after which a message will not come any more
ANN = 2**64 - 1  # a player with a ticket


class Time:
    """A clock that moves only by sleeping, by the seconds of each sleep and `late` more; it stops after `sleeps`.

    Sleeping for no time is only a turn for others.
    """

    def __init__(self, sleeps: int = 0, late: float = 0.0) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        self._sleeps = sleeps
        self._late = late

    async def sleep(self, seconds: float) -> None:
        if not seconds:
            await asyncio.sleep(0)
            return
        self.slept.append(seconds)
        if len(self.slept) > self._sleeps:
            raise asyncio.CancelledError
        self.now += seconds + self._late
        await asyncio.sleep(0)

    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: 5000.0 + self.now, self.sleep)


@contextlib.asynccontextmanager
async def running(
    time: VirtualTime, *, sleep: Callable[[float], Awaitable[None]] | None = None, **options: Any
) -> AsyncIterator["Ticking"]:
    clock = Clock(time.clock, time.clock, sleep or time.pause, time.schedule)
    ticking = Ticking(clock=clock, **options)
    task = asyncio.create_task(ticking.run())
    try:
        yield ticking
    finally:
        await end(task)


class Until(Always):
    def __init__(self, time: Time, end: float) -> None:
        super().__init__(EPOCH)
        self._time = time
        self._end = end

    def held(self) -> bool:
        return self._time.now < self._end


class Slow:
    def __init__(self, time: Time, seconds: float) -> None:
        self._time = time
        self._seconds = seconds

    def publish(self, *_parts: Any) -> None:
        self._time.now += self._seconds


class Ticking(TickLoop):
    """A loop with its world and its layer."""

    def __init__(
        self, time: Time | None = None, *, clock: Clock | None = None, max_ships: int = 100, **options: Any
    ) -> None:
        self.layer = LocalChannelLayer()
        self.time = time or Time()
        authority = options.pop("authority", Always(EPOCH))
        players = Players(600)
        super().__init__(
            World(arena_capacity=0, random=Random(1), max_ships=max_ships),
            players,
            Inbox(players, EPOCH),
            options.pop("publisher", None) or Publisher(self.layer, authority),
            authority=authority,
            clock=clock or self.time.clock(),
            **options,
        )

    def deliver(self, sent: Batch) -> None:
        self.receive({"type": BATCH_TYPE, "data": uplink.encode(sent)})

    async def ticked(self, due: Due = ONE) -> None:
        """Tick, and wait until its messages are sent."""
        self.tick(due)
        await turns(self._publisher.idle)

    async def received(self, channel: str) -> bytes:
        """Return the data of the next message in a channel."""
        async with asyncio.timeout(HANG_S):
            data: bytes = (await self.layer.receive(channel))["data"]
            return data

    def flies(self, session: int) -> int:
        """Return the ship of a session of gateway g."""
        (ship,) = [
            ship
            for ship in self.world.id.tolist()
            if (pilot := self.players.pilot_of(ship)) and pilot.seat and pilot.seat.session == session
        ]
        return int(ship)

    def state(self, ship: int) -> dict[str, Any]:
        """Return some columns of a ship."""
        row = self.world.id.tolist().index(ship)
        return {name: getattr(self.world, name).tolist()[row] for name in ("x", "vx", "thrusting", "arena")}


async def test_a_tick_admits_steps_and_publishes() -> None:
    """In this order: the newcomer is in the frame of the tick that admitted it, and in the answer."""
    ticking = Ticking()
    await ticking.layer.group_add(arena_group(0), "watcher")
    ticking.deliver(batch("g", entry(4)))
    await ticking.ticked(Due(2, 0, 0.0))
    answer = uplink.decode_answer(await ticking.received("to.g"))
    frame = snapshot.decode(await ticking.received("watcher"))
    assert {4: (BERTHED, frame.records["id"][0], 0, 0)} == verdicts_in(answer.berths)
    assert (2, 2, EPOCH, 5100.0) == (frame.tick, frame.steps, frame.epoch, frame.published)
    assert 1 == metrics.SHIPS._value.get()


async def test_a_session_that_left_takes_its_ship_along() -> None:
    """With the next tick; a world without ships publishes nothing."""
    ticking = Ticking()
    ticking.deliver(batch("g", entry(4), entry(5)))
    await ticking.ticked()
    ticking.deliver(batch("g", version=2))
    await ticking.ticked()
    assert 0 == len(ticking.world)
    assert 0 == metrics.SHIPS._value.get()


async def test_who_left_with_the_button_held_coasts() -> None:
    """From the next tick on, even after an input in the same tick; the ship stays."""
    ticking = Ticking()
    ticking.deliver(batch("g", entry(4, player=ANN)))
    await ticking.ticked()
    ticking.deliver(without_roster("g", steers=steer(1, 1, 0, thrusting=True)))
    await ticking.ticked()
    assert ticking.state(1)["thrusting"]
    ticking.deliver(without_roster("g", steers=steer(1, 2, 0, thrusting=True)))
    ticking.deliver(batch("g", version=2))
    speed = ticking.state(1)["vx"]
    await ticking.ticked()
    assert (False, speed) == (ticking.state(1)["thrusting"], ticking.state(1)["vx"])


async def test_a_full_world_is_answered() -> None:
    """To the sessions that came last."""
    ticking = Ticking(max_ships=1)
    ticking.deliver(batch("g", entry(1), entry(2)))
    await ticking.ticked()
    answer = uplink.decode_answer(await ticking.received("to.g"))
    assert [1, NO_SHIP] == [ship for _, ship, *_ in verdicts_in(answer.berths).values()]


async def test_an_absent_player_keeps_the_ship_while_there_is_room() -> None:
    """Only the place that a newcomer needs is taken."""
    ticking = Ticking(max_ships=2)
    ticking.deliver(batch("g", entry(1, player=ANN)))
    await ticking.ticked()
    for version, (sessions, ships) in enumerate(((0, [1]), (1, [1, 2]), (2, [2, 3])), 2):
        ticking.deliver(batch("g", *(entry(session + 2) for session in range(sessions)), version=version))
        await ticking.ticked()
        assert ships == ticking.world.id.tolist()


async def test_damaged_batches_are_counted_and_dropped() -> None:
    """Of every kind, without an exception in the loop."""
    ticking, counting = Ticking(), Counting()
    for data in (b"?", b"\x97\x63\xa1g\xa1r\x00\x01\xc0\xc4\x00", uplink.encode(without_roster("g", steers=b"12345"))):
        ticking.receive({"type": BATCH_TYPE, "data": data})
    assert {"shape": 2, "format": 1} == counting.moved()


async def test_the_loop_ticks_at_its_deadlines() -> None:
    """Each sleep is the rest of the period, so that lateness does not add up."""
    ticking = Ticking(Time(sleeps=20, late=0.01))
    with pytest.raises(asyncio.CancelledError):
        await ticking.run()
    assert 20 == ticking.world.tick
    assert [pytest.approx(PERIOD)] + [pytest.approx(PERIOD - 0.01)] * 20 == ticking.time.slept


async def test_the_loop_ends_with_its_authority() -> None:
    """Before the next tick: another process may move the world by then."""
    time = Time(sleeps=100)
    ticking = Ticking(time, authority=Until(time, 100.0 + 10.5 * PERIOD))
    await ticking.run()
    assert 10 == ticking.world.tick


async def test_the_loop_counts_silence_unless_it_is_disconnected() -> None:
    """A gateway without a batch for 3 s is gone."""
    for disconnected, ships in ((True, 1), (False, 0)):
        ticking = Ticking(Time(sleeps=SILENCE_TICKS + 2))
        ticking.deliver(batch("g", entry(1)))
        with pytest.raises(asyncio.CancelledError):
            await ticking.run(lambda disconnected=disconnected: disconnected)
        assert ships == len(ticking.world)


async def test_after_each_tick_the_rest_of_its_period_is_offered() -> None:
    """Once per tick, after the busy share, so that the frame was sent before."""
    time, offers = VirtualTime(), list[tuple[float, float]]()
    begun = time.now
    async with running(time, after_tick=lambda seconds: offers.append((time.now, seconds))) as ticking:
        await time.go(4.75 * PERIOD)
    rest = PERIOD * (1 - BUSY_SHARE)
    assert 4 == ticking.world.tick
    assert [(pytest.approx(begun + n * PERIOD - rest), pytest.approx(rest)) for n in (2, 3, 4, 5)] == offers


async def test_a_late_tick_leaves_less_of_its_period() -> None:
    """The next deadline does not move with it."""
    time, offers, late = VirtualTime(), list[float](), PERIOD / 5

    async def sleep(seconds: float) -> None:
        await time.pause(seconds + late)

    async with running(time, sleep=sleep, after_tick=offers.append):
        await time.go(2.9 * PERIOD)
    assert [pytest.approx((PERIOD - late) * (1 - BUSY_SHARE))] * 2 == offers


async def test_a_tick_that_makes_no_progress_gets_no_more_offers() -> None:
    """Its liveness hangs on them: the event loop alone must not count as progress."""
    time, offers = VirtualTime(), list[float]()
    stuck = False

    async def sleep(seconds: float) -> None:
        await (asyncio.Event().wait() if stuck else time.pause(seconds))

    async with running(time, sleep=sleep, after_tick=offers.append) as ticking:
        await time.go(2.75 * PERIOD)
        stuck = True
        await time.go(60)
    assert 3 == ticking.world.tick == len(offers)


async def test_a_loop_that_slept_too_long_catches_up_and_slips(caplog: pytest.LogCaptureFixture) -> None:
    """Three steps at a wake-up, the rest given up, counted and logged."""
    slipped = metrics.TICKS_SLIPPED._value.get()
    ticking = Ticking(Time(sleeps=1, late=9.5 * PERIOD))
    with pytest.raises(asyncio.CancelledError):
        await ticking.run()
    assert 3 == ticking.world.tick
    assert slipped + 7 == metrics.TICKS_SLIPPED._value.get()
    assert [("schedule_slipped", 7)] == [(record.message, record.ticks) for record in caplog.records]


async def test_publishing_answers_does_not_move_the_world() -> None:
    """It only sends the answers."""
    ticking = Ticking()
    ticking.deliver(without_roster("g"))
    ticking.publish_answers()
    assert uplink.decode_answer(await ticking.received("to.g")).roster_wanted
    assert 0 == ticking.world.tick


async def test_a_recovered_world_goes_on_with_all_sessions_in_rosters() -> None:
    """Ships of the checkpoint and ships of snapshots, with their thrust; a ship without a session is gone."""
    before = Ticking()
    before.deliver(batch("g", entry(1, player=ANN), entry(2), entry(3)))
    await before.ticked()
    before.deliver(without_roster("g", steers=b"".join(steer(ship, 1, 0, thrusting=True) for ship in (1, 2, 3))))
    kept = capture.to_checkpoint(before.world, before.players, epoch=EPOCH - 1, gateways=["g"])
    before.deliver(batch("g", *(entry(session, session) for session in (1, 2, 3)), entry(4), entry(5), version=2))
    await before.ticked()
    after, shots = Ticking(), capture.snapshots(before.world, epoch=EPOCH - 1, steps=1, published=0.0)
    after.players.restore(capture.pilots_of(kept), kept.tick)
    roster = [entry(1, 1, player=ANN, generation=1), entry(2, 2), entry(4, 4)]
    after.deliver(batch("g", *roster, seen=[snapshot.encode(shot) for shot in shots]))
    after.resume(recovery.recover(kept, recovery.decode_readable(after.inbox.seen())))
    assert (2, [1, 2, 3, 4]) == (after.world.tick, after.world.id.tolist())
    await after.ticked()
    await before.ticked()
    assert [before.state(ship) for ship in (1, 2, 4)] == [after.state(ship) for ship in (1, 2, 4)]
    assert after.state(1)["thrusting"]
    assert {} == verdicts_in(after.players.verdicts("g"))


async def test_a_late_gateway_brings_its_ships_along() -> None:
    """As it saw them last, if their ids are still free; else it gets an answer with new ones."""
    ticking = Ticking()
    ticking.deliver(batch("h", entry(9)))
    await ticking.ticked()
    seen = [snapshot.encode(shot) for shot in (shot_of(5, 20, 21, arena=3), shot_of(4, 20, 22, arena=3))]
    roster = [entry(number, ship, arena=3) for number, ship in enumerate((20, 1, 22, 23))]
    ticking.deliver(batch("g", *roster, seen=[b"damaged", *seen]))
    await ticking.ticked()
    assert [20, 22] == [ticking.flies(0), ticking.flies(2)]
    answer = uplink.decode_answer(await ticking.received("to.g"))
    assert {1: ticking.flies(1), 3: ticking.flies(3)} == {
        session: ship for session, (_, ship, *_) in verdicts_in(answer.berths).items()
    }
    assert [(20, 3), (22, 3)] == [(ship, ticking.state(ship)["arena"]) for ship in (20, 22)]
    assert 5 == len(ticking.world)
    assert [] == ticking.inbox.seen()


async def test_an_adopted_ship_is_as_it_was_seen_last_in_its_arena() -> None:
    """The newest snapshot counts, in whichever order they came; one of another arena has another ship of that id."""
    other = shot_of(9, 20, 21, arena=2)
    other.records["x"] = 77
    shots = [shot_of(tick, 20, arena=3) for tick in (4, 6, 5)]
    for shot in shots:
        shot.records["x"] = shot.tick
    ticking = Ticking()
    ticking.deliver(batch("g", entry(1, 20, arena=3), seen=[snapshot.encode(shot) for shot in (*shots, other)]))
    await ticking.ticked()
    assert (6, 3) == (ticking.state(20)["x"], ticking.state(20)["arena"])


@pytest.mark.parametrize(("took", "overruns"), [(PERIOD * 0.99, 0), (PERIOD * 1.01, 1)])
async def test_a_tick_that_takes_longer_than_its_period_is_counted(took: float, overruns: int) -> None:
    """Its duration runs from the drain to the publishing."""
    before = metrics.TICK_OVERRUNS._value.get()
    time = Time()
    ticking = Ticking(time, publisher=Slow(time, took))
    ticking.tick(ONE)
    assert overruns == metrics.TICK_OVERRUNS._value.get() - before


async def test_a_session_whose_ship_is_in_no_snapshot_gets_another() -> None:
    """And an answer with it."""
    ticking = Ticking()
    ticking.players.restore([Pilot(ANN, 3, 9, 0)], 0)
    ticking.deliver(batch("g", entry(1, 9, player=ANN, generation=3)))
    ticking.resume(recovery.recover(None, [shot_of(5, 10)]))
    assert 0 == len(ticking.world)
    await ticking.ticked()
    answer = uplink.decode_answer(await ticking.received("to.g"))
    assert {1: (BERTHED, ticking.flies(1), 0, 4)} == verdicts_in(answer.berths)
