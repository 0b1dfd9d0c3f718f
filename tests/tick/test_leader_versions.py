"""Tests of app/tick/leader.py with checkpoints of other releases."""

import zlib

import pytest

from app.gateway.player.uplink import FORGET_S
from app.observability import metrics
from app.tick.leader import CHECKPOINT_S, POLL_S, ROSTERS_S
from app.tick.lease import RENEW_S, TTL_S
from app.wire.formats import FORMAT, PREVIOUS
from tests.tick.cluster import BURN, CHECKPOINT, LEASE, Cluster, Tick, died, flying


def of_a_newer_release(kept: bytes) -> bytes:
    """Return `kept` as a release writes it whose checkpoints this one cannot read."""
    return kept[:4] + bytes([FORMAT + 1, FORMAT + 1]) + kept[6:]


async def won_before_its_load(cluster: Cluster) -> Tick:
    """Return a successor that holds the lease, while Redis does not give it the checkpoint yet."""
    await died(cluster)
    second = cluster.tick()
    second.lease.failing = {"load"}
    await cluster.time.until(second.lease.held)
    return second


async def stopped(cluster: Cluster) -> None:
    """Let a tick lead two players, and end in order."""
    first = await cluster.led()
    await flying(cluster, first)
    await first.leader.stop()
    cluster.ticks.remove(first)


async def test_a_checkpoint_of_a_newer_release_is_left_to_one_that_reads_it(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    """This tick waits and counts as alive; it takes no lease, counts each refusal and logs the first."""
    await stopped(cluster)
    mine = await cluster.redis.get(CHECKPOINT) or b""
    await cluster.redis.set(CHECKPOINT, of_a_newer_release(mine))
    refused = metrics.CHECKPOINTS_REFUSED.labels("format")._value.get()
    waiting = cluster.tick()
    await cluster.time.go(3)
    looks = 3 / POLL_S
    assert looks == pytest.approx(metrics.CHECKPOINTS_REFUSED.labels("format")._value.get() - refused, abs=2)
    assert ["format"] == [record.reason for record in caplog.records if record.message == "checkpoint_refused"]
    assert waiting.leader.reached
    assert waiting.beats >= looks - 2
    assert (None, of_a_newer_release(mine)) == (await cluster.redis.get(LEASE), await cluster.redis.get(CHECKPOINT))

    await cluster.redis.set(CHECKPOINT, mine)
    await cluster.time.until(waiting.leads, patience_s=ROSTERS_S)
    assert [1, 2] == waiting.world.id.tolist()
    assert [1, 1] == [len(player.welcomes) for player in cluster.gateways["g"].players.values()]


async def test_one_that_comes_after_the_look_at_it_is_left_alone_too(cluster: Cluster) -> None:
    """The tick that won the lease meanwhile gives it back, and overwrites nothing."""
    second = await won_before_its_load(cluster)
    newer = of_a_newer_release(await cluster.redis.get(CHECKPOINT) or b"")
    await cluster.redis.set(CHECKPOINT, newer)
    second.lease.failing = set()
    await cluster.time.go(TTL_S + CHECKPOINT_S * 2)
    assert (None, newer) == (await cluster.redis.get(LEASE), await cluster.redis.get(CHECKPOINT))
    assert not second.leads()


async def test_a_renewal_that_is_answered_late_begins_no_other_world(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tick that has just given the lease back over such a checkpoint may count as its holder for a while."""
    second = await won_before_its_load(cluster)
    frames = len(cluster.gateways["g"].frames)
    newer = of_a_newer_release(await cluster.redis.get(CHECKPOINT) or b"")
    await cluster.redis.set(CHECKPOINT, newer)
    release = second.lease.release

    async def released() -> None:
        await release()
        second.lease._until = cluster.time.clock() + TTL_S

    monkeypatch.setattr(second.lease, "release", released)
    second.lease.failing = set()
    await cluster.time.go(TTL_S + CHECKPOINT_S * 2)
    assert (None, newer) == (await cluster.redis.get(LEASE), await cluster.redis.get(CHECKPOINT))
    assert frames == len(cluster.gateways["g"].frames)
    assert 0 == second.leader._led_epoch


async def test_a_newer_checkpoint_that_names_this_release_is_gone_on_with(cluster: Cluster) -> None:
    """As after a rollback."""
    await stopped(cluster)
    kept = await cluster.redis.get(CHECKPOINT) or b""
    body = kept[:4] + bytes([FORMAT + 1, FORMAT]) + kept[6:-4]
    await cluster.redis.set(CHECKPOINT, body + zlib.crc32(body).to_bytes(4, "little"))
    second = await cluster.led()
    assert [1, 2] == second.world.id.tolist()


@pytest.mark.parametrize("release", [PREVIOUS, FORMAT + 1])
async def test_a_spare_of_another_release_takes_over_from_a_tick_that_died(cluster: Cluster, release: int) -> None:
    """One of the previous release could read no batch until then: gateways wrote the format of the tick that led."""
    first = await cluster.led()
    ann, other = await flying(cluster, first)
    gateway = cluster.gateways["g"]
    flown = gateway.ship(ann), gateway.ship(other)
    await cluster.time.go(CHECKPOINT_S * 2)
    spare = cluster.tick(release)
    await cluster.time.go(CHECKPOINT_S)
    assert (release == PREVIOUS) == (spare.leader._directory.gateways == [])
    late = gateway.join()
    await cluster.time.until(lambda: gateway.ship(late))
    await cluster.time.go(0.2)
    last = gateway.frames[-1]
    await first.kill()
    await cluster.time.go(TTL_S - RENEW_S)  # as soon as it can be, before gateways take the tick for gone
    await cluster.expire()  # the clock of this Redis is the real one
    await cluster.time.until(spare.leads)
    await cluster.time.go(FORGET_S)
    assert (*flown, gateway.ship(late)) == tuple(spare.world.id.tolist())
    assert [1, 1, 1] == [len(player.welcomes) for player in gateway.players.values()]
    gateway.steer(ann, BURN)
    await cluster.time.until(lambda: spare.world.thrusting.sum() == 2)
    assert last.tick <= gateway.frames[-1].tick
