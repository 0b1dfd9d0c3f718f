"""Several `flotilla tick` processes with a real Redis, of which one simulates the world."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.sim.rules import TICK_RATE
from app.tick.lease import TTL_S
from app.wire import checkpoint
from loadtest.processes.process import Process
from tests.end_to_end.server import START_S, STOP_S, ran, started
from tests.pacing import pace, until
from tests.redis_server import RedisServer

LEASE, EPOCH, CHECKPOINT = "{flotilla}:lease", "{flotilla}:epoch", "{flotilla}:checkpoint"
TAKE_OVER_S = TTL_S * 5  # much longer than a lease, because the machine may be busy

Start = Callable[[], Process]


@pytest.fixture
def start(redis_server: RedisServer, tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts a tick process with a Redis that has an epoch. All end after the test."""
    with contextlib.ExitStack() as ticks, redis_server.client() as redis:
        redis.set(EPOCH, 41)

        def start() -> Process:
            log = tmp_path / f"{len(logs)}.log"
            logs.append(log)
            settings = {"FLOTILLA_REDIS_URL": redis_server.url, "FLOTILLA_PRIVATE_BIND": "127.0.0.1:0"}
            tick = started(log, "-m", "app", "tick", **settings)
            ticks.callback(tick.kill)
            return tick

        logs: list[Path] = []
        yield start
    assert "Traceback" not in "".join(log.read_text() for log in logs)


async def ready(tick: Process) -> None:
    """Wait until a process prints that it runs."""
    await asyncio.to_thread(tick.wait_for, "The tick runs")


def lease_and_epoch(redis: RedisServer) -> tuple[bytes | None, int]:
    """Return the holder of the lease and the epoch."""
    with redis.client() as client:
        lease, epoch = client.mget(LEASE, EPOCH)
        return lease, int(epoch)


def has_checkpoint(redis: RedisServer, *, epoch: int) -> bool:
    """Return True if Redis has a checkpoint of the epoch."""
    with redis.client() as client:
        kept = client.get(CHECKPOINT)
    return kept is not None and checkpoint.decode(kept).epoch == epoch


async def leads(redis: RedisServer, holder: bytes | None, epoch: int) -> None:
    """Wait until checkpoints have advanced by the length of a lease. Holder and epoch must not change meanwhile."""
    end = kept_tick(redis) + TTL_S * TICK_RATE

    def advanced() -> bool:
        assert (holder, epoch) == lease_and_epoch(redis)
        return kept_tick(redis) >= end

    await until(advanced)


def kept_tick(redis: RedisServer) -> int:
    with redis.client() as client:
        return checkpoint.decode(client.get(CHECKPOINT)).tick


async def test_one_of_two_ticks_leads_and_the_other_follows_when_it_is_killed(
    start: Start, redis_server: RedisServer
) -> None:
    """The standby waits, and takes over with the next epoch."""
    first = start()
    await until(lambda: has_checkpoint(redis_server, epoch=42), START_S)
    holder, _ = lease_and_epoch(redis_server)
    spare = start()
    await ready(spare)
    await leads(redis_server, holder, 42)
    first.kill()
    await until(lambda: has_checkpoint(redis_server, epoch=43), TAKE_OVER_S)
    assert holder != lease_and_epoch(redis_server)[0]
    assert (True, 43) == (spare.running, lease_and_epoch(redis_server)[1])


async def test_of_two_ticks_that_start_at_once_one_leads(start: Start, redis_server: RedisServer) -> None:
    """One of them gets the lease and keeps it."""
    ticks = [start(), start()]
    for tick in ticks:
        await ready(tick)
    await until(lambda: has_checkpoint(redis_server, epoch=42), START_S)
    holder, _ = lease_and_epoch(redis_server)
    await leads(redis_server, holder, 42)
    assert all(tick.running for tick in ticks)


async def test_a_resumed_tick_does_not_lead(start: Start, redis_server: RedisServer) -> None:
    """The second process keeps the lease. When it ends, the first takes over again."""
    first = start()
    await until(lambda: has_checkpoint(redis_server, epoch=42), START_S)
    second = start()
    await ready(second)
    first.signal(signal.SIGSTOP)
    await until(lambda: has_checkpoint(redis_server, epoch=43), TAKE_OVER_S)
    holder, _ = lease_and_epoch(redis_server)
    first.signal(signal.SIGCONT)
    await leads(redis_server, holder, 43)
    second.kill()
    await until(lambda: has_checkpoint(redis_server, epoch=44), TAKE_OVER_S)
    assert first.running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopped_tick_hands_over_to_the_standby(
    start: Start, redis_server: RedisServer, number: signal.Signals
) -> None:
    """The exit code is 0, and the lease is released before it expires."""
    first = start()
    await until(lambda: has_checkpoint(redis_server, epoch=42), START_S)
    first.signal(number)
    assert 0 == await asyncio.to_thread(first.wait, STOP_S)
    assert (None, 42) == lease_and_epoch(redis_server)
    second = start()
    await until(lambda: has_checkpoint(redis_server, epoch=43), START_S)
    second.signal(number)
    assert 0 == await asyncio.to_thread(second.wait, STOP_S)


async def test_a_standby_ends_at_once_without_effect(start: Start, redis_server: RedisServer) -> None:
    """The exit code is 0, and the other process is not affected."""
    start()
    await until(lambda: has_checkpoint(redis_server, epoch=42), START_S)
    spare = start()
    await ready(spare)
    spare.signal(signal.SIGTERM)
    assert 0 == await asyncio.to_thread(spare.wait, STOP_S)
    assert 42 == lease_and_epoch(redis_server)[1]


async def test_a_tick_continues_after_a_redis_outage(start: Start, redis_server: RedisServer) -> None:
    """It continues with a newer epoch when Redis is back, even if Redis is empty."""
    tick = start()
    await until(lambda: has_checkpoint(redis_server, epoch=42), START_S)
    redis_server.kill()
    await pace(TTL_S + 1)  # an outage that is longer than a lease
    assert tick.running
    redis_server.restart()
    await until(lambda: has_checkpoint(redis_server, epoch=43), TAKE_OVER_S)
    tick.signal(signal.SIGTERM)
    assert 0 == await asyncio.to_thread(tick.wait, STOP_S)


def test_a_tick_without_redis_names_the_missing_setting() -> None:
    """The message is one sentence, and the exit code is 1."""
    ended = ran("-m", "app", "tick")
    assert (1, "") == (ended.returncode, ended.stdout)
    assert "FLOTILLA_REDIS_URL" in ended.stderr
    assert 1 == len(ended.stderr.splitlines())
