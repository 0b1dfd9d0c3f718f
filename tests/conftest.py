"""Django is set up once for all tests, with the settings of a machine on which nothing is configured; a real Redis."""

import os
from collections.abc import Iterator

import django
import pytest

for name in [name for name in os.environ if name.startswith("FLOTILLA_")]:
    del os.environ[name]
os.environ["DJANGO_SETTINGS_MODULE"] = "app.settings.django"
django.setup()

from tests.redis_server import RedisServer  # noqa: E402  # what tests import may read the settings


@pytest.fixture(scope="session")
def lasting_redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One redis-server for all tests."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture
def redis_server(lasting_redis_server: RedisServer) -> RedisServer:
    """A redis-server that is there, runs and is empty, whatever the test before did to it."""
    lasting_redis_server.unpause()
    if not lasting_redis_server.running:
        lasting_redis_server.restart()
    lasting_redis_server.flush()
    return lasting_redis_server
