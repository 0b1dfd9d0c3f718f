"""`flotilla tick`: real processes around a real Redis, of which one moves the world."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.tick.lease import TTL_S
from app.wire import checkpoint
from loadtest.processes.process import Process, SiteError
from tests.end_to_end.server import START_S, STOP_S, ran, started, until
from tests.redis_server import RedisServer

LEASE, EPOCH, CHECKPOINT = "{flotilla}:lease", "{flotilla}:epoch", "{flotilla}:checkpoint"
TAKE_OVER_S = TTL_S * 5  # far more than a lease lasts, since machines are busy
Start = Callable[[], Process]


@pytest.fixture
def start(redis_server: RedisServer, tmp_path: Path) -> Iterator[Start]:
    """A function that starts a tick process at a Redis that knows of an epoch; all end with the test."""
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


def said(redis: RedisServer) -> tuple[bytes | None, int]:
    """The holder of the lease, and the epoch."""
    with redis.client() as client:
        lease, epoch = client.mget(LEASE, EPOCH)
        return lease, int(epoch)


def moved(redis: RedisServer, *, epoch: int) -> bool:
    """Whether the world was kept in an epoch."""
    with redis.client() as client:
        kept = client.get(CHECKPOINT)
    return kept is not None and checkpoint.decode(kept).epoch == epoch


async def stays(condition: Callable[[], bool]) -> None:
    """Hold that `condition` does not change for as long as a lease lasts."""
    with pytest.raises(TimeoutError):
        await until(lambda: not condition(), TTL_S)


async def test_one_of_two_ticks_leads_and_the_other_follows_when_it_is_killed(
    start: Start, redis_server: RedisServer
) -> None:
    """The spare waits without harm, and takes over in the next epoch."""
    first = start()
    await until(lambda: moved(redis_server, epoch=42), START_S)
    holder, _ = said(redis_server)
    spare = start()
    await ready(spare)
    await stays(lambda: said(redis_server) == (holder, 42))
    first.kill()
    await until(lambda: moved(redis_server, epoch=43), TAKE_OVER_S)
    assert holder != said(redis_server)[0]
    assert (True, 43) == (spare.running, said(redis_server)[1])


async def test_of_two_ticks_that_start_at_once_one_leads(start: Start, redis_server: RedisServer) -> None:
    """Whichever; and it stays that one."""
    ticks = [start(), start()]
    for tick in ticks:
        await ready(tick)
    await until(lambda: moved(redis_server, epoch=42), START_S)
    holder, _ = said(redis_server)
    await stays(lambda: said(redis_server) == (holder, 42))
    assert all(tick.running for tick in ticks)


async def test_a_tick_that_was_stopped_and_goes_on_leads_no_more(start: Start, redis_server: RedisServer) -> None:
    """The other one has the lease and keeps it; if that one goes, the first takes over again."""
    first = start()
    await until(lambda: moved(redis_server, epoch=42), START_S)
    second = start()
    await ready(second)
    first.signal(signal.SIGSTOP)
    await until(lambda: moved(redis_server, epoch=43), TAKE_OVER_S)
    holder, _ = said(redis_server)
    first.signal(signal.SIGCONT)
    await stays(lambda: said(redis_server) == (holder, 43))
    second.kill()
    await until(lambda: moved(redis_server, epoch=44), TAKE_OVER_S)
    assert first.running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_tick_that_is_stopped_gives_the_world_to_the_spare(
    start: Start, redis_server: RedisServer, number: signal.Signals
) -> None:
    """It ends with 0; the lease is free before it would have run out."""
    first = start()
    await until(lambda: moved(redis_server, epoch=42), START_S)
    first.signal(number)
    assert 0 == await asyncio.to_thread(first.wait, STOP_S)
    assert (None, 42) == said(redis_server)
    second = start()
    await until(lambda: moved(redis_server, epoch=43), START_S)
    second.signal(number)
    assert 0 == await asyncio.to_thread(second.wait, STOP_S)


async def test_a_spare_ends_at_once_and_takes_nothing(start: Start, redis_server: RedisServer) -> None:
    """With 0; the other goes on."""
    start()
    await until(lambda: moved(redis_server, epoch=42), START_S)
    spare = start()
    await ready(spare)
    spare.signal(signal.SIGTERM)
    assert 0 == await asyncio.to_thread(spare.wait, STOP_S)
    assert 42 == said(redis_server)[1]


async def test_a_tick_outlives_redis(start: Start, redis_server: RedisServer) -> None:
    """It goes on by itself when Redis is back, even empty, in a newer epoch."""
    tick = start()
    await until(lambda: moved(redis_server, epoch=42), START_S)
    redis_server.kill()
    with pytest.raises(SiteError, match="did not end"):
        await asyncio.to_thread(tick.wait, TTL_S + 1)
    redis_server.restart()
    await until(lambda: moved(redis_server, epoch=43), TAKE_OVER_S)
    tick.signal(signal.SIGTERM)
    assert 0 == await asyncio.to_thread(tick.wait, STOP_S)


def test_a_tick_without_redis_is_told_what_to_set() -> None:
    """In one sentence; exit code 1."""
    ended = ran("-m", "app", "tick")
    assert (1, "") == (ended.returncode, ended.stdout)
    assert "FLOTILLA_REDIS_URL" in ended.stderr
    assert 1 == len(ended.stderr.splitlines())
