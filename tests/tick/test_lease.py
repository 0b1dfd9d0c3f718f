import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from app.layer.redis import client
from app.observability import metrics
from app.tick import lease as module
from app.tick.lease import MARGIN_S, TTL_S, UNREACHABLE, Always, Lease
from tests.pacing import until
from tests.redis_server import RedisServer

LEASE, EPOCH, CHECKPOINT = "{test}:lease", "{test}:epoch", "{test}:checkpoint"


class Race:
    """Tick processes that want the same lease, by one clock that is set by hand."""

    def __init__(self, redis: Redis, server: RedisServer) -> None:
        self.redis = redis
        self.server = server
        self.now = 1000.0

    def candidate(self) -> Lease:
        return Lease(self.redis, "test", clock=lambda: self.now)

    async def holder(self) -> Lease:
        """One that has it."""
        lease = self.candidate()
        assert await lease.acquire(0)
        return lease

    async def expire(self) -> None:
        """Let the lease run out in Redis."""
        await self.redis.delete(LEASE)


@pytest_asyncio.fixture
async def race(redis_server: RedisServer) -> AsyncIterator[Race]:
    redis = client(redis_server.url)
    yield Race(redis, redis_server)
    await redis.aclose()


async def test_there_is_one_holder(race: Race) -> None:
    """Of many that request the lease at once."""
    leases = [race.candidate() for _ in range(20)]
    won = await asyncio.gather(*(lease.acquire(0) for lease in leases))
    assert 1 == sum(won)
    assert won == [lease.held() for lease in leases]
    assert [1] == [lease.epoch for lease in leases if lease.held()]


async def test_epochs_only_grow(race: Race) -> None:
    """From holder to holder, and each has the previous one."""
    found: list[tuple[int, int]] = []
    for _ in range(3):
        lease = await race.holder()
        found.append((lease.epoch, lease.previous_epoch))
        assert lease.epoch == metrics.LEASE_EPOCH._value.get()
        await race.expire()
    assert [(1, 0), (2, 1), (3, 2)] == found


async def test_an_epoch_is_above_all_known_ones(race: Race) -> None:
    """Redis may have lost its own, or been set back."""
    lease = race.candidate()
    assert await lease.acquire(41)
    assert (42, 0) == (lease.epoch, lease.previous_epoch)
    await race.redis.flushall()
    assert await lease.acquire(0)
    assert (43, 0) == (lease.epoch, lease.previous_epoch)
    await race.expire()
    await race.redis.set(EPOCH, 7)
    assert await lease.acquire(0)
    assert (44, 7) == (lease.epoch, lease.previous_epoch)
    assert b"44" == await race.redis.get(EPOCH)


async def test_the_greatest_epoch_that_frames_can_carry_is_written_out(race: Race) -> None:
    """Lua's numbers are floats: none must come out as 4.29e9."""
    lease = race.candidate()
    assert await lease.acquire((1 << 32) - 2)
    assert (1 << 32) - 1 == lease.epoch
    assert str((1 << 32) - 1).encode() == await race.redis.get(EPOCH)


async def test_a_lease_ends_by_itself(race: Race) -> None:
    """In Redis after its time, and a little sooner by the clock of its holder, without a request."""
    lease = await race.holder()
    remaining = await race.redis.pttl(LEASE)
    assert 0 < remaining <= TTL_S * 1000
    race.now += TTL_S - MARGIN_S - 0.01
    assert lease.held()
    race.now += 0.02
    assert not lease.held()


async def test_renewal_prolongs_it(race: Race) -> None:
    """In both places, counted from before the request."""
    lease = await race.holder()
    await race.redis.pexpire(LEASE, 300)
    race.now += 1.0
    assert await lease.renew()
    assert 1000 < await race.redis.pttl(LEASE) <= TTL_S * 1000
    race.now += TTL_S - MARGIN_S - 0.01
    assert lease.held()
    race.now += 0.02
    assert not lease.held()


@pytest.mark.parametrize("request_name", ["acquire", "renew"])
async def test_the_time_of_a_request_counts(race: Race, request_name: str) -> None:
    """Redis may have set the lease as soon as the request was sent: its holder must stop before Redis does."""
    lease = race.candidate() if request_name == "acquire" else await race.holder()
    script = getattr(lease, f"_{request_name}")

    async def takes_a_second(**arguments: Any) -> Any:
        race.now += 1.0
        return await script(**arguments)

    setattr(lease, f"_{request_name}", takes_a_second)
    assert await (lease.acquire(0) if request_name == "acquire" else lease.renew())
    race.now += TTL_S - MARGIN_S - 1.01
    assert lease.held()
    race.now += 0.02
    assert not lease.held()


async def test_a_lease_that_is_lost_cannot_be_renewed(race: Race) -> None:
    """Whether it ran out or another has it; its holder falls silent at once."""
    lease = await race.holder()
    await race.expire()
    assert not await lease.renew()
    assert not lease.held()
    other = await race.holder()
    assert not await lease.renew()
    assert other.held()
    assert await other.renew()


async def test_a_holder_that_slept_holds_the_lease_again_only_after_a_renewal(race: Race) -> None:
    """If no other process had it meanwhile, the epoch stays."""
    lease = await race.holder()
    race.now += 60
    assert not lease.held()
    assert await lease.renew()
    assert lease.held()
    assert 1 == lease.epoch


async def test_the_head_of_a_checkpoint_can_be_read_without_the_lease(race: Race) -> None:
    """It decides if the rest can be read; without a checkpoint it is empty."""
    lease = await race.holder()
    assert b"" == await lease.head()
    assert await lease.save(b"FLCP\x07\x06, and a world")
    assert b"FLCP\x07\x06" == await race.candidate().head()


async def test_what_is_given_back_can_be_had_at_once(race: Race) -> None:
    """By another process; releasing a lease of another holder changes nothing."""
    lease = await race.holder()
    await lease.release()
    assert not lease.held()
    other = await race.holder()
    await lease.release()
    assert await other.renew()
    assert not await race.candidate().acquire(0)


async def test_only_the_newest_epoch_may_save(race: Race) -> None:
    """Even if the older holder still counts as holder; a checkpoint is any bytes, without expiry."""
    assert await race.candidate().load() is None
    older = await race.holder()
    assert await older.save(b"\0\xff old")
    await race.expire()
    newer = await race.holder()
    assert older.held()
    assert not await older.save(b"late")
    assert b"\0\xff old" == await newer.load()
    assert await newer.save(b"new")
    assert b"new" == await older.load()
    assert -1 == await race.redis.ttl(CHECKPOINT)


async def test_nothing_is_saved_into_a_redis_that_came_back_empty(race: Race) -> None:
    """Before there is a new epoch in it."""
    lease = await race.holder()
    await race.redis.flushall()
    assert not await lease.had_holder()
    assert not await lease.save(b"world")
    assert await lease.acquire(0)
    assert await lease.had_holder()
    assert await lease.save(b"world")


async def test_an_answer_that_was_lost_gives_no_lease(race: Race) -> None:
    """No process has it until it ends, although the same process had it before and requests it again."""
    lease = await race.holder()
    await lease.release()
    race.now += 1
    race.server.pause()
    with pytest.raises(UNREACHABLE):
        await lease.acquire(0)
    race.server.unpause()  # now it gives the lease to a request whose asker has gone
    with race.server.client() as redis:
        await until(lambda: bool(redis.exists(LEASE)))
    assert not lease.held()
    assert not await lease.renew()
    assert not await lease.acquire(0)
    await race.expire()
    assert await lease.acquire(0)
    assert 3 == lease.epoch


async def test_while_redis_is_unreachable_every_call_raises(race: Race) -> None:
    """By the exceptions that are named, whether it hangs or is gone; a renewal that failed takes nothing away."""
    lease = await race.holder()
    race.server.pause()
    await all_unreachable(lease)
    race.server.unpause()
    assert await lease.renew()
    race.server.kill()
    await all_unreachable(lease)
    race.server.restart()
    assert not await lease.had_holder()


async def all_unreachable(lease: Lease) -> None:
    calls = (lease.renew(), lease.acquire(0), lease.save(b""), lease.load(), lease.had_holder())
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(answer, UNREACHABLE) for answer in answers), answers
    assert lease.held()


async def test_a_release_takes_effect_without_an_answer(race: Race) -> None:
    """A process that ends does not wait for it."""
    lease = await race.holder()
    race.server.kill()
    with pytest.raises(UNREACHABLE):
        await lease.release()
    assert not lease.held()


def test_a_process_alone_needs_no_lease() -> None:
    """It holds for ever, in the epoch that it was given."""
    authority = Always(7)
    assert (7, True) == (authority.epoch, authority.held())


def test_three_renewals_may_fail() -> None:
    """Before the lease is lost."""
    assert module.RENEW_S * 3 < TTL_S - MARGIN_S
