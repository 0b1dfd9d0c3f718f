"""Where Redis is: the URL of the settings as the channel layer and redis-py want it."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from redis.asyncio import Redis, Sentinel
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

TIMEOUT_S: Final = (
    0.5  # for a connection and for an answer: the lease lives 2 s, and a channel layer waits for its lock
)
KEEPALIVE_S: Final = 30  # between looks at a connection over which nothing comes

_SENTINEL: Final = "redis+sentinel"
_SENTINEL_PORT: Final = 26379


def options() -> dict[str, Any]:
    """Return how to connect: give up soon, and do not try again, which all callers do themselves."""
    return {
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": TIMEOUT_S,
        "socket_keepalive": True,
        "health_check_interval": KEEPALIVE_S,
        "retry": Retry(NoBackoff(), 0),
    }


@dataclass(frozen=True, slots=True)
class _Sentinels:
    hosts: list[tuple[str, int]]
    service: str
    database: int
    password: str | None
    sentinel_password: str | None


def layer_settings(url: str, prefix: str) -> dict[str, Any]:
    """Return the settings of Django's channel layer for `url`; in memory without one."""
    if not url:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    return {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [_host(url)], "prefix": f"{prefix}."},
    }


def client(url: str) -> "Redis":
    """Return a client of redis-py for the Redis at `url`; it connects when it is used."""
    if not url.startswith(_SENTINEL):
        return Redis.from_url(url, **options())
    found = _sentinels(url)
    sentinel = Sentinel(found.hosts, sentinel_kwargs=_sentinel_options(found), **options())  # type: ignore[no-untyped-call]  # redis-py's
    master: Redis = sentinel.master_for(found.service, db=found.database, password=found.password)
    return master


def _host(url: str) -> dict[str, Any]:
    if not url.startswith(_SENTINEL):
        return {"address": url, **options()}
    found = _sentinels(url)
    return {
        "sentinels": found.hosts,
        "master_name": found.service,
        "sentinel_kwargs": _sentinel_options(found),
        "db": found.database,
        "password": found.password,
        **options(),
    }


def _sentinel_options(found: _Sentinels) -> dict[str, Any]:
    return {**options(), "password": found.sentinel_password}


def _sentinels(url: str) -> _Sentinels:
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    password = unquote(credentials.rpartition(":")[2]) or None
    service, _, database = parts.path.strip("/").partition("/")
    sentinel_password = parse_qs(parts.query).get("sentinel_password", [None])[0]
    addresses = [_address(host) for host in hosts.split(",")]
    return _Sentinels(addresses, service, int(database or 0), password, sentinel_password)


def _address(text: str) -> tuple[str, int]:
    """Read a host, an IPv6 address in brackets, and perhaps a port; raises ValueError."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError(text)
    return parts.hostname, parts.port or _SENTINEL_PORT
