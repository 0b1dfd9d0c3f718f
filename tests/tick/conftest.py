"""What the tests of leading ticks have in common."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.redis_server import RedisServer
from tests.tick.cluster import EPOCH, Cluster


@pytest_asyncio.fixture
async def cluster(redis_server: RedisServer) -> AsyncIterator[Cluster]:
    """No process yet, and a Redis that has an epoch."""
    cluster = Cluster(redis_server)
    await cluster.redis.set(EPOCH, 1)
    yield cluster
    assert not [tick for tick in cluster.ticks if tick.task.done() and not tick.task.cancelled()]
    await cluster.end()
