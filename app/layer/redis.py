"""How to connect to Redis: the URL of the settings in the form of the channel layer and of redis-py."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from redis.asyncio import Redis, Sentinel
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

# Seconds for a connection and for an answer. The lease lasts 2 s, and the channel layer holds its lock meanwhile.
TIMEOUT_S: Final = 0.5
KEEPALIVE_S: Final = 30  # seconds between checks of an idle connection

_SENTINEL: Final = "redis+sentinel"
_SENTINEL_PORT: Final = 26379


def options() -> dict[str, Any]:
    """Return the options of a connection: short timeouts and no retry, since every caller retries itself."""
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
    """Return the settings of the channel layer for `url`; without a URL it is in memory."""
    if not url:
        return {"BACKEND": "app.layer.local.LocalChannelLayer"}
    return {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [_host(url)], "prefix": f"{prefix}."},
    }


def client(url: str) -> "Redis":
    """Return a client for the Redis at `url`; it connects at its first use."""
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
    """Return (host, port) of `text`: IPv6 in brackets, the port optional. Raises ValueError without a host."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError(text)
    return parts.hostname, parts.port or _SENTINEL_PORT
