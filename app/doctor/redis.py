"""The Redis between gateways and tick: whether it answers, how fast, and whether it keeps what it is given."""

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
SLOW_MS: Final = 5.0  # a tenth of a tick, which each frame pays
TOO_SLOW_MS: Final = 50.0  # a tick: frames are late as often as not
OLDEST: Final = (6, 2)
PAUSE_S: Final = 2.0  # for how long a gateway may not read before Redis may let go of it
PUBSUB_FIELDS: Final = 4  # in client-output-buffer-limit: the class, its hard limit, its soft limit and seconds

_UNREACHABLE: Final = (RedisError, OSError, TimeoutError)


def look_at_redis(environment: Environment) -> list[Finding]:
    """Return what there is to say about the Redis of the settings."""
    if not environment.redis_url:
        return [skipped(CHECK, "FLOTILLA_REDIS_URL is not set; `flotilla run` needs none, gateways and tick do")]
    return asyncio.run(_look(environment))


async def _look(environment: Environment) -> list[Finding]:
    client = layer.client(environment.redis_url)
    try:
        await client.ping()
        findings = [ok(CHECK, "reachable"), await _latency(client)]
        information: Mapping[str, Any] = await client.info()
        findings += [judge_version(information), *judge_eviction(information)]
        return [*findings, await _buffers(client, environment.max_ships)]
    except _UNREACHABLE as error:
        return [_unreachable(error)]
    finally:
        await client.aclose()


def _unreachable(error: Exception) -> Finding:
    seen, remedy = network_errors.explain(error)
    if isinstance(error, NoPermissionError):
        return fail(
            CHECK, f"it answers, but refuses ({error})", "allow this user PING, INFO, PUBLISH, SUBSCRIBE, EVALSHA"
        )
    if isinstance(error, AuthenticationError) or "NOAUTH" in str(error):
        return fail(CHECK, "it answers, but wants another password", "correct the password in FLOTILLA_REDIS_URL")
    return fail(CHECK, f"not reachable: {seen}", f"correct FLOTILLA_REDIS_URL, or {remedy}")


async def _latency(client: "Redis") -> Finding:
    times = []
    for _ in range(PINGS):
        started = time.perf_counter()
        await client.ping()
        times.append((time.perf_counter() - started) * 1000)
    return judge_latency(statistics.median(times), max(times))


def judge_latency(median_ms: float, longest_ms: float) -> Finding:
    """Return whether answers come fast enough for 20 frames a second."""
    seen = f"p50 {median_ms:.1f} ms, max {longest_ms:.1f} ms of {PINGS} pings"
    remedy = "move Redis into the same zone as gateways and tick, and look what else it does"
    if median_ms >= TOO_SLOW_MS:
        return fail(LATENCY, seen, remedy)
    if median_ms >= SLOW_MS or longest_ms >= TOO_SLOW_MS:
        return warn(LATENCY, seen, remedy)
    return ok(LATENCY, seen)


def judge_version(information: Mapping[str, Any]) -> Finding:
    """Return whether this is a Redis, or a Valkey, that is new enough."""
    if information.get("server_name") == "valkey":
        return ok(VERSION, f"Valkey {information.get('valkey_version', '')}".strip())  # the first one was Redis 7.2
    text = str(information.get("redis_version", ""))
    numbers = text.split(".")[:2]
    seen = f"Redis {text or 'of an unknown version'}"
    if not all(number.isascii() and number.isdigit() for number in numbers):
        return warn(VERSION, seen, "make sure that it is Redis 6.2 or newer, or Valkey")
    if tuple(map(int, numbers)) < OLDEST:
        return fail(VERSION, seen, "take Redis 6.2 or newer, or Valkey")
    return ok(VERSION, seen)


def judge_eviction(information: Mapping[str, Any]) -> Iterator[Finding]:
    """Return whether Redis may throw the checkpoint away when memory is short."""
    policy = str(information.get("maxmemory_policy", ""))
    bounded = bool(information.get("maxmemory"))
    seen = f"{policy or 'unknown policy'}{'' if bounded else ', maxmemory is not set'}"
    remedy = "set maxmemory-policy to noeviction"
    if policy == "noeviction":
        yield ok(EVICTION, seen)
    elif policy.startswith("allkeys-") and bounded:
        yield fail(EVICTION, f"{seen}: the checkpoint may be thrown away, and the world with it", remedy)
    elif policy.startswith("allkeys-"):
        yield warn(EVICTION, f"{seen}: the checkpoint may be thrown away once it is", remedy)
    elif policy.startswith("volatile-") and not bounded:
        yield ok(EVICTION, seen)
    else:
        # Lease and checkpoint expire, so that a world which nobody moves any more does not stay for ever.
        yield warn(EVICTION, f"{seen}: the checkpoint expires, so it may be thrown away when memory is short", remedy)


async def _buffers(client: "Redis", max_ships: int) -> Finding:
    try:
        settings = await client.config_get("client-output-buffer-limit")
    except (NoPermissionError, ResponseError):  # managed ones do not tell
        return skipped(BUFFERS, "this Redis does not tell its settings (CONFIG GET)")
    return judge_buffers(str(settings.get("client-output-buffer-limit", "")), max_ships)


def judge_buffers(text: str, max_ships: int) -> Finding:
    """Return whether a gateway that does not read for a moment keeps its subscription, by the setting's value."""
    words = text.split()
    if "pubsub" not in words or len(words[words.index("pubsub") :]) < PUBSUB_FIELDS:
        return skipped(BUFFERS, "this Redis has no such limit")
    hard, soft, soft_s = (int(word) for word in words[words.index("pubsub") + 1 :][: PUBSUB_FIELDS - 1])
    limits = [hard] if soft_s > PAUSE_S else [hard, soft]
    needed = round(max_ships * SHIP.itemsize * TICK_RATE * PAUSE_S)
    least = min((limit for limit in limits if limit), default=0)
    seen = f"{_mib(least)} of {_mib(needed)} that {max_ships} ships (FLOTILLA_MAX_SHIPS) make in {PAUSE_S:g} s"
    if not least:
        return ok(BUFFERS, "no limit")
    if least >= needed:
        return ok(BUFFERS, seen)
    remedy = f"CONFIG SET client-output-buffer-limit 'pubsub {2 * needed} {needed} 60': gateways that pause are cut off"
    return warn(BUFFERS, seen, remedy)


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
