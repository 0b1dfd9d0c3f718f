from typing import Any

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.asyncio import Redis

from app.layer.redis import TIMEOUT_S, client, layer_settings
from tests.redis_server import RedisServer

SENTINELS = "redis+sentinel://:s%40cret@one:26380,two/fleet/3?sentinel_password=other"


def host(url: str) -> dict[str, Any]:
    (found,) = layer_settings(url, "flotilla")["CONFIG"]["hosts"]
    return dict(found)


def test_without_redis_the_layer_is_in_memory() -> None:
    """As in one process."""
    assert {"BACKEND": "app.layer.local.LocalChannelLayer"} == layer_settings("", "flotilla")


@pytest.mark.parametrize("url", ["redis://host:6379/0", "rediss://:password@host:6380/2"])
def test_a_url_is_taken_as_it_is(url: str) -> None:
    """redis-py parses it; the prefix of a release and short timeouts are added."""
    settings = layer_settings(url, "blue")
    assert "channels_redis.pubsub.RedisPubSubChannelLayer" == settings["BACKEND"]
    assert "blue." == settings["CONFIG"]["prefix"]
    assert (url, TIMEOUT_S, TIMEOUT_S) == tuple(
        host(url)[name] for name in ("address", "socket_timeout", "socket_connect_timeout")
    )


def test_sentinels_lead_to_the_master() -> None:
    """Hosts with or without a port, the service, the database, and a password for each of both."""
    found = host(SENTINELS)
    assert [("one", 26380), ("two", 26379)] == found["sentinels"]
    assert ("fleet", 3, "s@cret") == (found["master_name"], found["db"], found["password"])
    assert "other" == found["sentinel_kwargs"]["password"]


def test_sentinels_need_no_passwords() -> None:
    """Nor a database."""
    found = host("redis+sentinel://[::1]:26380,two:26379/fleet")
    assert [("::1", 26380), ("two", 26379)] == found["sentinels"]
    assert (0, None, None) == (found["db"], found["password"], found["sentinel_kwargs"]["password"])


async def test_a_client_of_sentinels_connects_when_it_is_used() -> None:
    """Making it sends no request."""
    made = client(SENTINELS)
    assert isinstance(made, Redis)
    await made.aclose()


async def test_a_client_and_a_layer_reach_redis(redis_server: RedisServer) -> None:
    """By the same URL."""
    made = client(redis_server.url)
    assert await made.ping()
    await made.aclose()
    layer = RedisPubSubChannelLayer(**layer_settings(redis_server.url, "test")["CONFIG"])
    channel = await layer.new_channel()
    assert channel.startswith("test.")
    await layer.send(channel, {"type": "test", "data": b"\x00"})
    assert {"type": "test", "data": b"\x00"} == await layer.receive(channel)
    await layer.flush()
