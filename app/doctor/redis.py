"""The Redis between gateways and tick: whether it answers, how fast, and whether it keeps its data."""

import asyncio
import statistics
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError

from app.doctor import network_errors
from app.doctor.finding import Finding, fail, ok, skipped, warn
from app.layer import redis as layer
from app.settings.environment import Environment
from app.sim.rules import TICK_RATE
from app.wire.records import SHIP

CHECK: Final = "redis"
LATENCY: Final = "redis latency"
VERSION: Final = "redis version"
EVICTION: Final = "redis eviction"
BUFFERS: Final = "redis pub/sub buffers"

PINGS: Final = 20
SLOW_MS: Final = 5.0  # a tenth of a tick; it delays each frame
TOO_SLOW_MS: Final = 50.0  # a tick: every second frame is late
OLDEST: Final = (6, 2)
PAUSE_S: Final = 2.0  # how long a gateway may pause before Redis may disconnect it
PUBSUB_FIELDS: Final = 4  # in client-output-buffer-limit: the class, its hard limit, its soft limit and seconds

_UNREACHABLE: Final = (RedisError, OSError, TimeoutError)


def check_redis(environment: Environment) -> list[Finding]:
    if not environment.redis_url:
        return [skipped(CHECK, "FLOTILLA_REDIS_URL is not set; gateways and tick need it, `flotilla run` does not")]
    return asyncio.run(_checks(environment))


async def _checks(environment: Environment) -> list[Finding]:
    client = layer.client(environment.redis_url)
    try:
        await client.ping()
        findings = [ok(CHECK, "reachable"), await _latency(client)]
        information: Mapping[str, Any] = await client.info()
        findings += [check_version(information), *check_eviction(information)]
        return [*findings, await _buffers(client, environment.max_ships)]
    except _UNREACHABLE as error:
        return [_unreachable(error)]
    finally:
        await client.aclose()


def _unreachable(error: Exception) -> Finding:
    seen, remedy = network_errors.explain(error)
    if isinstance(error, NoPermissionError):
        return fail(
            CHECK,
            f"it answers, but this user lacks permissions ({error})",
            "allow this user PING, INFO, PUBLISH, SUBSCRIBE, EVALSHA",
        )
    if isinstance(error, AuthenticationError) or "NOAUTH" in str(error):
        return fail(CHECK, "it answers, but refuses the password", "correct the password in FLOTILLA_REDIS_URL")
    return fail(CHECK, f"not reachable: {seen}", f"correct FLOTILLA_REDIS_URL, or {remedy}")


async def _latency(client: "Redis") -> Finding:
    times = []
    for _ in range(PINGS):
        started = time.perf_counter()
        await client.ping()
        times.append((time.perf_counter() - started) * 1000)
    return check_latency(statistics.median(times), max(times))


def check_latency(median_ms: float, longest_ms: float) -> Finding:
    """Compare the round trip with the time for a frame, at 20 frames per second."""
    seen = f"p50 {median_ms:.1f} ms, max {longest_ms:.1f} ms of {PINGS} pings"
    remedy = "move Redis into the same zone as gateways and tick, and check which other load it has"
    if median_ms >= TOO_SLOW_MS:
        return fail(LATENCY, seen, remedy)
    if median_ms >= SLOW_MS or longest_ms >= TOO_SLOW_MS:
        return warn(LATENCY, seen, remedy)
    return ok(LATENCY, seen)


def check_version(information: Mapping[str, Any]) -> Finding:
    if information.get("server_name") == "valkey":
        return ok(
            VERSION, f"Valkey {information.get('valkey_version', '')}".strip()
        )  # the first release was equal to Redis 7.2
    text = str(information.get("redis_version", ""))
    numbers = text.split(".")[:2]
    seen = f"Redis {text or 'of unknown version'}"
    if not all(number.isascii() and number.isdigit() for number in numbers):
        return warn(VERSION, seen, "make sure that it is Redis 6.2 or newer, or Valkey")
    if tuple(map(int, numbers)) < OLDEST:
        return fail(VERSION, seen, "use Redis 6.2 or newer, or Valkey")
    return ok(VERSION, seen)


def check_eviction(information: Mapping[str, Any]) -> Iterator[Finding]:
    """Find out whether Redis may evict the checkpoint or the lease. Only the lease has an expiry."""
    policy = str(information.get("maxmemory_policy", ""))
    bounded = bool(information.get("maxmemory"))
    seen = f"{policy or 'unknown policy'}{'' if bounded else ', maxmemory is not set'}"
    remedy = "set maxmemory-policy to noeviction"
    if policy == "noeviction":
        yield ok(EVICTION, seen)
    elif policy.startswith("allkeys-") and bounded:
        yield fail(EVICTION, f"{seen}: Redis may evict the checkpoint, and the world is lost", remedy)
    elif policy.startswith("allkeys-"):
        yield warn(EVICTION, f"{seen}: Redis may evict the checkpoint once it is set", remedy)
    elif policy.startswith("volatile-") and bounded:
        yield warn(EVICTION, f"{seen}: Redis may evict the lease, and the world stops for a moment", remedy)
    elif policy.startswith("volatile-"):
        yield ok(EVICTION, seen)
    else:
        yield warn(EVICTION, f"{seen}: Flotilla does not know whether Redis may evict the checkpoint", remedy)


async def _buffers(client: "Redis", max_ships: int) -> Finding:
    try:
        settings = await client.config_get("client-output-buffer-limit")
    except (NoPermissionError, ResponseError):  # as many managed services do
        return skipped(BUFFERS, "this Redis does not allow CONFIG GET")
    return check_buffers(str(settings.get("client-output-buffer-limit", "")), max_ships)


def check_buffers(text: str, max_ships: int) -> Finding:
    """Find out whether a gateway that pauses for PAUSE_S keeps its subscription. `text` is the setting's value."""
    words = text.split()
    if "pubsub" not in words or len(words[words.index("pubsub") :]) < PUBSUB_FIELDS:
        return skipped(BUFFERS, "this Redis has no such limit")
    hard, soft, soft_s = (int(word) for word in words[words.index("pubsub") + 1 :][: PUBSUB_FIELDS - 1])
    limits = [hard] if soft_s > PAUSE_S else [hard, soft]
    needed = round(max_ships * SHIP.itemsize * TICK_RATE * PAUSE_S)
    least = min((limit for limit in limits if limit), default=0)
    seen = f"{_mib(least)}; {max_ships} ships (FLOTILLA_MAX_SHIPS) need {_mib(needed)} for {PAUSE_S:g} s"
    if not least:
        return ok(BUFFERS, "no limit")
    if least >= needed:
        return ok(BUFFERS, seen)
    command = f"CONFIG SET client-output-buffer-limit 'pubsub {2 * needed} {needed} 60'"
    remedy = f"run {command}, or Redis disconnects gateways that pause"
    return warn(BUFFERS, seen, remedy)


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
