import asyncio
import contextlib

import pytest

from app.observability import metrics
from app.sim.rules import TICK_RATE
from app.tick.leader import CHECKPOINT_S, POLL_S, REQUEST_S, ROSTERS_S
from app.tick.lease import TTL_S
from app.wire import checkpoint
from app.wire.channels import BATCH_TYPE
from tests.gateway.doubles import Counting
from tests.tick.cluster import BURN, CHECKPOINT, EPOCH, LEASE, Cluster, died, flying


async def test_a_tick_wins_the_lease_and_moves_the_world(cluster: Cluster) -> None:
    """At 20 steps a second, in the next epoch; the metrics show it."""
    tick = await cluster.led()
    assert (2, 1, 2) == (tick.lease.epoch, metrics.LEASE_HELD._value.get(), metrics.LEASE_EPOCH._value.get())
    assert tick.leader.reached
    begun = tick.world.tick
    await cluster.time.go(10)
    assert begun + 10 * TICK_RATE == pytest.approx(tick.world.tick, abs=1)


async def test_on_a_new_redis_it_waits_two_lease_times(cluster: Cluster) -> None:
    """A process that has a world goes first; waiting counts as progress."""
    await cluster.redis.flushall()
    tick = cluster.tick()
    await cluster.time.go(2 * TTL_S)
    assert "acquire" not in tick.lease.requests
    assert tick.beats >= 2 * TTL_S / POLL_S - 2
    await cluster.time.until(tick.leads, patience_s=1)
    assert 1 == tick.lease.epoch


async def test_a_spare_waits_and_takes_over(cluster: Cluster) -> None:
    """Every ship is where it would have been, with its id and its thrust; players get no message."""
    first = await cluster.led()
    ann, other = await flying(cluster, first)
    gateway = cluster.gateways["g"]
    spare = cluster.tick()
    await cluster.time.go(CHECKPOINT_S * 2)
    assert not spare.leads()
    await first.kill()
    last = gateway.frames[-1]
    await cluster.expire()
    await cluster.time.until(spare.leads, patience_s=1)
    await cluster.time.until(lambda: gateway.frames[-1].epoch == spare.lease.epoch)
    for _ in range(gateway.frames[-1].tick - last.tick):
        first.world.step()
    for name in ("id", "x", "y", "vx", "vy", "heading", "sequence"):
        assert getattr(first.world, name).tolist() == gateway.frames[-1].records[name].tolist()
    assert [0, 1] == gateway.frames[-1].records["flags"].tolist()
    assert [1, 1] == [len(player.welcomes) for player in gateway.players.values()]
    assert [1, 2] == [gateway.ship(ann), gateway.ship(other)]


async def test_it_waits_for_gateways_at_most_a_second(cluster: Cluster) -> None:
    """One of the checkpoint may have died with the last tick; its ships are kept for a while."""
    first = await cluster.led()
    ann, _ = await flying(cluster, first)
    cluster.gateways["g"].steer(ann, BURN)
    await cluster.time.go(CHECKPOINT_S * 2)
    cluster.gateways["g"].mute = True
    await first.kill()
    await cluster.expire()
    begun = cluster.time.now
    second = cluster.tick()
    await cluster.time.until(second.lease.held)
    beats = second.beats
    await cluster.time.until(second.leads)
    assert ROSTERS_S == pytest.approx(cluster.time.now - begun, abs=POLL_S)
    assert ROSTERS_S / REQUEST_S == pytest.approx(second.beats - beats, abs=2)
    assert [1, 2] == second.world.id.tolist()
    await cluster.time.go(1)
    assert [True, True] == second.world.thrusting.tolist()
    await cluster.time.go(4)
    assert ([1], [False]) == (second.world.id.tolist(), second.world.thrusting.tolist())


async def test_without_sessions_it_waits_for_no_roster(cluster: Cluster) -> None:
    """Not even for a gateway that is known but has no sessions."""
    first = await cluster.led()
    gateway = cluster.gateway("g")
    session = gateway.join()
    await cluster.time.until(lambda: gateway.ship(session))
    gateway.uplink.leave(session)
    await cluster.time.go(CHECKPOINT_S * 2)
    gateway.mute = True
    await first.kill()
    await cluster.expire()
    begun = cluster.time.now
    await cluster.led()
    assert cluster.time.now - begun < POLL_S


async def test_it_gives_out_no_new_ids_before_it_has_all_rosters(cluster: Cluster) -> None:
    """A gateway may have ships that the checkpoint lacks."""
    first = await cluster.led()
    await flying(cluster, first)
    await cluster.time.go(CHECKPOINT_S * 2)
    await first.kill()
    gateway = cluster.gateways["g"]
    late = cluster.gateway("h")
    newcomer = late.join()
    gateway.mute = True
    await cluster.expire()
    second = cluster.tick()
    await cluster.time.go(ROSTERS_S / 2)
    assert (False, 0) == (second.leads(), late.ship(newcomer))
    gateway.mute = False
    await cluster.time.until(lambda: late.ship(newcomer), patience_s=ROSTERS_S / 2)
    assert [1, 2] == second.world.id.tolist()[:2]
    assert late.ship(newcomer) > 2


async def test_a_tick_that_gets_its_lease_back_goes_on_where_it_stood(cluster: Cluster) -> None:
    """If no other tick had it in between: its world is the newest, and stood still meanwhile."""
    tick = await cluster.led()
    await flying(cluster, tick)
    world = tick.world
    tick.lease.cut = True
    await cluster.time.until(lambda: not tick.leads())
    stood = world.tick
    await cluster.expire()
    await cluster.time.go(30)
    assert stood == world.tick
    assert 0 == metrics.LEASE_HELD._value.get()
    tick.lease.cut = False
    await cluster.time.until(tick.leads)
    assert (world, 3) == (tick.world, tick.lease.epoch)
    await cluster.time.go(5)
    assert [1, 2] == world.id.tolist()
    assert stood + 4 * TICK_RATE < world.tick
    assert 1 == tick.lease.requests.count("load")


async def test_a_tick_that_slept_goes_on_in_its_epoch_if_it_may(cluster: Cluster) -> None:
    """Redis still has its lease, so no other tick can have published."""
    tick = await cluster.led()
    world = tick.world
    cluster.time.jump(TTL_S + 1)
    await cluster.time.until(tick.leads)
    assert (world, 2) == (tick.world, tick.lease.epoch)


async def test_a_tick_that_slept_publishes_nothing_while_another_leads(cluster: Cluster) -> None:
    """It becomes the spare, and later takes over what the other one made of the world."""
    first = await cluster.led()
    ann, _ = await flying(cluster, first)
    gateway = cluster.gateways["g"]
    old = first.world
    await cluster.time.go(CHECKPOINT_S * 2)
    first.lease.cut = True
    await cluster.expire()
    second = await cluster.led()
    first.lease.cut = False
    await cluster.time.go(5)
    assert not first.leads()
    gateway.steer(ann, BURN)
    await cluster.time.go(CHECKPOINT_S * 2)
    await second.kill()
    await cluster.expire()
    await cluster.time.until(first.leads)
    assert first.world is not old
    assert [1, 2] == first.world.id.tolist()
    assert first.world.tick > old.tick + 5 * TICK_RATE
    epochs = [shot.epoch for shot in gateway.frames]
    assert sorted(epochs) == epochs


async def test_redis_came_back_empty_and_who_has_the_world_keeps_it(cluster: Cluster) -> None:
    """The spare, which has none, waits for that."""
    first, spare = await cluster.led(), cluster.tick()
    await flying(cluster, first)
    world = first.world
    for tick in cluster.ticks:
        tick.lease.cut = True
    await cluster.time.go(30)
    await cluster.redis.flushall()
    spare.lease.cut = False
    await cluster.time.go(TTL_S)
    first.lease.cut = False
    await cluster.time.until(first.leads)
    assert (world, 3, False) == (first.world, first.lease.epoch, spare.leads())
    await cluster.time.go(CHECKPOINT_S * 2)
    assert [1, 2] == world.id.tolist()
    assert 3 == checkpoint.decode(await cluster.redis.get(CHECKPOINT) or b"").epoch


async def test_a_checkpoint_that_redis_does_not_give_yet_is_waited_for(cluster: Cluster) -> None:
    """No answer does not mean that there is no checkpoint."""
    first = await cluster.led()
    await flying(cluster, first)
    await cluster.time.go(CHECKPOINT_S * 2)
    cluster.gateways["g"].mute = True
    await first.kill()
    await cluster.expire()
    second = cluster.tick()
    second.lease.failing = {"load"}
    await cluster.time.go(TTL_S * 2)
    assert (True, False) == (second.lease.held(), second.leads())
    second.lease.failing = set()
    await cluster.time.until(second.leads, patience_s=ROSTERS_S * 2)
    assert [1, 2] == second.world.id.tolist()


async def test_a_lease_that_ends_before_there_is_a_world_costs_no_ship(cluster: Cluster) -> None:
    """What was put together by then is not what the next lease goes on with."""
    first = await cluster.led()
    await flying(cluster, first)
    await cluster.time.go(CHECKPOINT_S * 2)
    cluster.gateways["g"].mute = True
    await first.kill()
    await cluster.expire()
    second = cluster.tick()
    second.lease.failing = {"load", "renew"}
    await cluster.time.until(lambda: second.lease.epoch)
    await cluster.time.until(lambda: not second.lease.held())
    second.lease.failing = set()
    await cluster.expire()
    await cluster.time.until(second.leads)
    assert (4, [1, 2]) == (second.lease.epoch, second.world.id.tolist())


async def test_a_recovery_without_its_rosters_is_not_gone_on_with(cluster: Cluster) -> None:
    """The lease ended during the wait for rosters, and Redis lost its data: it looks as if no other tick had led."""
    tick = await cluster.led()
    await flying(cluster, tick)
    gateway = cluster.gateways["g"]
    await cluster.time.go(CHECKPOINT_S * 2)
    tick.lease.cut = True
    await cluster.time.until(lambda: not tick.lease.held())
    gateway.mute = True
    await cluster.expire()
    await cluster.redis.set(EPOCH, 9)
    tick.lease.cut, tick.lease.failing = False, {"load"}
    await cluster.time.until(tick.lease.held)
    tick.lease.failing = {"load", "renew"}
    await cluster.time.go(TTL_S - ROSTERS_S / 2)
    tick.lease.failing = {"renew"}
    await cluster.time.until(lambda: tick.leader._loop is not None)
    await cluster.time.until(lambda: not tick.lease.held())
    assert 2 == tick.leader._led_epoch
    gateway.mute = False
    await cluster.time.go(POLL_S * 2)
    await cluster.redis.flushall()
    tick.lease.failing = set()
    await cluster.time.until(tick.leads)
    await cluster.time.go(1)
    assert [1, 2] == tick.world.id.tolist()


async def test_an_epoch_that_only_redis_has_means_a_newer_world(cluster: Cluster) -> None:
    """Another tick led while there was no gateway: the epoch in Redis is the only trace."""
    first = await cluster.led()
    old = first.world
    first.lease.cut = True
    await cluster.expire()
    second = await cluster.led()
    await cluster.time.go(30)
    await second.kill()
    await cluster.expire()
    first.lease.cut = False
    await cluster.time.until(first.leads)
    assert first.world is not old
    assert first.world.tick >= old.tick + 28 * TICK_RATE


async def test_an_epoch_that_only_gateways_have_means_a_newer_world(cluster: Cluster) -> None:
    """Another tick led, and Redis came back with data of before."""
    first = await cluster.led()
    await flying(cluster, first)
    old = first.world
    first.lease.cut = True
    await cluster.time.until(lambda: not first.lease.held())
    await cluster.expire()
    second = await cluster.led()
    await cluster.time.go(30)
    await second.kill()
    await cluster.expire()
    await cluster.redis.set(EPOCH, 1)
    first.lease.cut = False
    await cluster.time.until(first.leads)
    assert (1, 4) == (first.lease.previous_epoch, first.lease.epoch)
    assert first.world is not old
    assert first.world.tick >= old.tick + 28 * TICK_RATE


async def test_a_renewal_that_misses_its_cancellation_is_cancelled_again(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would renew a lease that this tick does not use."""
    tick = await cluster.led()
    missed = asyncio.Event()

    async def renew() -> bool:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        missed.set()
        return await asyncio.Event().wait()

    monkeypatch.setattr(tick.lease, "renew", renew)
    (renewer,) = (task for task in asyncio.all_tasks() if "_renew_for_ever" in repr(task))
    await cluster.time.until(lambda: not tick.lease.held())
    async with asyncio.timeout(10):
        await missed.wait()
        await asyncio.wait([renewer])
    assert renewer.cancelled()


async def test_a_newer_epoch_of_a_gateway_is_exceeded(cluster: Cluster) -> None:
    """Redis came back with old data: gateways would drop frames of an older epoch."""
    tick = await cluster.led()
    gateway = cluster.gateway("g")
    gateway.uplink.epoch = 40
    session = gateway.join()
    await cluster.time.until(lambda: tick.lease.epoch > 40 and tick.leads())
    assert 41 == tick.lease.epoch
    await cluster.time.until(lambda: gateway.ship(session))


async def test_the_next_epoch_is_above_all_of_gateways(cluster: Cluster) -> None:
    """Also if their batches came before there was a tick."""
    gateway = cluster.gateway("g")
    gateway.uplink.epoch = 40
    gateway.join()
    tick = cluster.tick()
    tick.lease.cut = True
    await cluster.time.go(1)
    tick.lease.cut = False
    await cluster.time.until(tick.leads)
    assert 41 == tick.lease.epoch


async def test_a_damaged_checkpoint_is_counted_and_done_without(cluster: Cluster) -> None:
    """What the gateways saw is a world too."""
    first = await cluster.led()
    await flying(cluster, first)
    await first.kill()
    data = await cluster.redis.get(CHECKPOINT) or b""
    await cluster.redis.set(CHECKPOINT, data[:-1] + bytes([data[-1] ^ 1]) if data else b"?")
    refused = metrics.CHECKPOINTS_REFUSED.labels("damaged")._value.get()
    spare = cluster.tick()
    await cluster.time.go(1)
    await cluster.expire()
    await cluster.time.until(spare.leads)
    assert refused + 1 == metrics.CHECKPOINTS_REFUSED.labels("damaged")._value.get()
    assert [1, 2] == spare.world.id.tolist()


async def test_a_tick_that_stops_saves_the_world_for_the_next(cluster: Cluster) -> None:
    """As it is at that moment; the lease is free at once, and the stopped tick does not take it again."""
    first = await cluster.led()
    await flying(cluster, first)
    await first.leader.stop()
    assert (None, False) == (await cluster.redis.get(LEASE), first.leads())
    cluster.ticks.remove(first)
    kept = checkpoint.decode(await cluster.redis.get(CHECKPOINT) or b"")
    assert (first.world.tick, [1, 2], []) == (kept.tick, kept.berths["ship"]["id"].tolist(), kept.gateways)
    begun = cluster.time.now
    second = await cluster.led()
    assert cluster.time.now - begun < 2 * POLL_S
    await cluster.time.go(2)
    assert ([1, 2], [False, True]) == (second.world.id.tolist(), second.world.thrusting.tolist())
    assert [1, 1] == [len(player.welcomes) for player in cluster.gateways["g"].players.values()]


async def test_a_tick_that_stops_before_it_has_a_world_keeps_the_old_checkpoint(cluster: Cluster) -> None:
    """It has nothing better; the lease is free at once."""
    await died(cluster)
    kept = await cluster.redis.get(CHECKPOINT)
    cluster.gateways["g"].mute = True
    second = cluster.tick()
    await cluster.time.until(lambda: second.lease.held() and second.leader._loop is not None)
    assert not second.leads()
    await second.leader.stop()
    cluster.ticks.remove(second)
    assert (None, kept) == (await cluster.redis.get(LEASE), await cluster.redis.get(CHECKPOINT))


async def test_stopping_does_not_wait_for_redis(cluster: Cluster) -> None:
    """Nor fail, whether the tick leads, waits, or never began."""
    leading, spare = await cluster.led(), cluster.tick()
    await cluster.time.go(1)
    for tick in (leading, spare):
        tick.lease.cut = True
        await tick.leader.stop()
        assert tick.task.cancelled()
    cluster.ticks.clear()


async def test_checkpoints_that_are_not_taken_are_counted(cluster: Cluster) -> None:
    """By the epoch, or since Redis did not answer."""
    tick = await cluster.led()
    refused, failed = metrics.CHECKPOINTS_REFUSED.labels("epoch"), metrics.CHECKPOINTS_FAILED
    before = refused._value.get(), failed._value.get()
    await cluster.redis.set(EPOCH, 99)
    await cluster.time.go(CHECKPOINT_S)
    await cluster.redis.set(EPOCH, tick.lease.epoch)
    tick.lease.cut = True
    await cluster.time.go(CHECKPOINT_S)
    assert (before[0] + 1, before[1] + 1) == (refused._value.get(), failed._value.get())


async def test_a_damaged_batch_is_counted_by_who_leads_and_who_waits(cluster: Cluster) -> None:
    """Neither raises an exception."""
    leading, spare = await cluster.led(), cluster.tick()
    counting = Counting()
    for tick in (leading, spare):
        tick.leader.receive({"type": BATCH_TYPE, "data": b"?"})
    assert {"shape": 2} == counting.moved()


async def test_nothing_is_left_running_after_many_leases(cluster: Cluster) -> None:
    """Each has a task that renews and one that saves, which end with it."""
    tick = await cluster.led()
    tasks = len(asyncio.all_tasks())
    for _ in range(20):
        epoch = tick.lease.epoch
        await cluster.expire()
        await cluster.time.until(lambda epoch=epoch: tick.leads() and tick.lease.epoch > epoch)
    await cluster.time.go(CHECKPOINT_S)
    assert tasks == len(asyncio.all_tasks())


async def test_redis_came_back_with_older_data_and_the_world_goes_on(cluster: Cluster) -> None:
    """An older epoch in Redis does not mean that another tick led."""
    tick = await cluster.led()
    await flying(cluster, tick)
    world, led = tick.world, tick.lease.epoch
    tick.lease.cut = True
    await cluster.time.until(lambda: not tick.leads())
    await cluster.expire()
    await cluster.redis.set("{flotilla}:epoch", led - 1)
    tick.lease.cut = False
    await cluster.time.until(tick.leads)
    assert (world, led + 1) == (tick.world, tick.lease.epoch)
