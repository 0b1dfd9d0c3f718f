import asyncio
import socket

import pytest

from app.doctor import redis as doctor
from app.doctor.finding import Finding, Verdict
from app.settings.environment import Environment
from tests.redis_server import RedisServer

OK, WARN, FAIL, SKIPPED = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED


def findings(url: str) -> dict[str, Finding]:
    found = doctor.check_redis(Environment.load({"FLOTILLA_REDIS_URL": url}))
    return {finding.check: finding for finding in found}


def verdicts(url: str) -> dict[str, Verdict]:
    return {check: finding.verdict for check, finding in findings(url).items()}


def test_a_redis_with_its_default_settings_passes(redis_server: RedisServer) -> None:
    """It is reachable, new enough, has no limit of memory, and its buffers last for a pause."""
    found = findings(redis_server.url)
    assert {OK} == {finding.verdict for check, finding in found.items() if check != doctor.LATENCY}
    assert "of 20 pings" in found[doctor.LATENCY].seen
    assert 5 == len(found)


def test_bad_settings_of_a_redis_are_found(redis_server: RedisServer) -> None:
    """The policy may evict the checkpoint, and a gateway's pause overflows the buffers."""
    kept = {}
    changes = {
        "maxmemory": "100mb",
        "maxmemory-policy": "allkeys-lru",
        "client-output-buffer-limit": "pubsub 1mb 1mb 1",
    }
    with redis_server.client() as client:
        for name, value in changes.items():
            kept |= client.config_get(name)
            client.config_set(name, value)
        try:
            found = findings(redis_server.url)
        finally:
            for name, value in kept.items():
                client.config_set(name, value)
    assert (FAIL, WARN) == (found[doctor.EVICTION].verdict, found[doctor.BUFFERS].verdict)
    assert "noeviction" in found[doctor.EVICTION].remedy
    assert "client-output-buffer-limit" in found[doctor.BUFFERS].remedy


def test_a_redis_that_refuses_differs_from_one_that_is_unreachable(redis_server: RedisServer) -> None:
    """Wrong password, closed port, and a server that never answers. No password is printed."""
    with redis_server.client() as client:
        client.config_set("requirepass", "right")
        try:
            for url in (redis_server.url, redis_server.url.replace("redis://", "redis://:hunter2@")):
                (found,) = findings(url).values()
                assert FAIL is found.verdict
                assert "password" in found.remedy
                assert "hunter2" not in str(found)
        finally:
            client.execute_command("AUTH", "right")
            client.config_set("requirepass", "")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        assert {doctor.CHECK: FAIL} == verdicts(f"redis://127.0.0.1:{port}")
    assert {doctor.CHECK: FAIL} == verdicts(f"redis://127.0.0.1:{port}")


def test_without_redis_the_check_is_skipped() -> None:
    """`flotilla run` needs none."""
    assert {doctor.CHECK: SKIPPED} == verdicts("")


@pytest.mark.parametrize(
    ("median", "longest", "verdict"), [(0.2, 1, OK), (0.2, 60, WARN), (6, 10, WARN), (50, 60, FAIL)]
)
def test_latency_is_compared_with_the_time_of_a_tick(median: float, longest: float, verdict: Verdict) -> None:
    """A tenth of a tick is slow, a whole tick too slow."""
    assert verdict is doctor.check_latency(median, longest).verdict


@pytest.mark.parametrize(
    ("information", "verdict"),
    [
        ({"redis_version": "6.2.0"}, OK),
        ({"redis_version": "7.0.15"}, OK),
        ({"redis_version": "10.1"}, OK),
        ({"redis_version": "6.0.16"}, FAIL),
        ({"redis_version": "5"}, FAIL),
        ({"redis_version": "255.255.255"}, OK),
        ({"redis_version": "unstable"}, WARN),
        ({}, WARN),
        ({"server_name": "valkey", "valkey_version": "8.0.1", "redis_version": "7.2.4"}, OK),
    ],
)
def test_versions(information: dict[str, str], verdict: Verdict) -> None:
    """Redis 6.2 or newer and every Valkey are accepted."""
    assert verdict is doctor.check_version(information).verdict


@pytest.mark.parametrize(
    ("policy", "maxmemory", "verdict"),
    [
        ("noeviction", 100, OK),
        ("volatile-lru", 0, OK),
        ("volatile-lru", 100, WARN),
        ("allkeys-lru", 0, WARN),
        ("allkeys-lfu", 100, FAIL),
        ("", 0, WARN),
    ],
)
def test_policies(policy: str, maxmemory: int, verdict: Verdict) -> None:
    """The checkpoint has no expiry, so only the policies for all keys lose the world."""
    (found,) = doctor.check_eviction({"maxmemory_policy": policy, "maxmemory": maxmemory})
    assert verdict is found.verdict


@pytest.mark.parametrize(("policy", "lost"), [("volatile-ttl", "lease"), ("allkeys-lru", "checkpoint")])
def test_the_key_that_a_policy_may_evict(policy: str, lost: str) -> None:
    """A policy for keys with an expiry may evict the lease, and a policy for all keys the checkpoint."""
    (found,) = doctor.check_eviction({"maxmemory_policy": policy, "maxmemory": 100})
    assert f"evict the {lost}" in found.seen


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60", OK),
        ("normal 0 0 0 pubsub 0 0 0", OK),
        ("normal 0 0 0 pubsub 1048576 0 0", WARN),
        ("normal 0 0 0 pubsub 0 1048576 1", WARN),
        ("normal 0 0 0 pubsub 33554432", SKIPPED),
        ("", SKIPPED),
    ],
)
def test_buffers(text: str, verdict: Verdict) -> None:
    """The buffers must hold 20,000 ships for 2 s. A soft limit counts if it acts within that time."""
    assert verdict is doctor.check_buffers(text, 20_000).verdict


def test_a_check_leaves_no_event_loop() -> None:
    """The command is synchronous."""
    verdicts("")
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()
