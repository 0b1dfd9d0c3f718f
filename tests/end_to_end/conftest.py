"""Real servers for end-to-end tests, and a bystander: a player who must not be disturbed by other players."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from app.wire.outputs import Keyframe
from tests.end_to_end.clients import ReplicaClient
from tests.end_to_end.server import Server, serving

HERE = Path(__file__).parent
ALLOWED_ORIGIN = "https://friends.example"

NO_GRACE = {"FLOTILLA_RESUME_GRACE_SECONDS": "0"}  # ships leave with their sockets, so that tests can count them

Serve = Callable[..., Server]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all of these tests in one event loop, because the bystander needs it."""
    for item in items:
        if item.path.parent == HERE and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all tests with default settings."""
    settings = {
        "FLOTILLA_HELLO_TIMEOUT_SECONDS": "1",
        "FLOTILLA_ALLOWED_ORIGINS": ALLOWED_ORIGIN,
        # The bystander's event loop does not run while other folders are tested: it answers no ping for minutes.
        "FLOTILLA_PING_TIMEOUT_SECONDS": "3600",
        "FLOTILLA_SOCKET_STALL_SECONDS": "3600",
    }
    with serving(tmp_path_factory.mktemp("server"), **NO_GRACE, **settings) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lasting_bystander(shared_server: Server) -> AsyncIterator[ReplicaClient]:
    """Connect one player for all tests."""
    async with undisturbed(shared_server) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def server(shared_server: Server, lasting_bystander: ReplicaClient) -> AsyncIterator[Server]:
    """Return the shared server with no player except the bystander. Its log must stay clean."""
    await shared_server.settle(players=1)
    yield shared_server
    shared_server.assert_clean_log()


@pytest_asyncio.fixture(loop_scope="session")
async def bystander(server: Server, lasting_bystander: ReplicaClient) -> AsyncIterator[ReplicaClient]:
    """Return a player who must receive every frame during the test. Its ship does not thrust at first."""
    client = lasting_bystander
    if client.own["flags"]:
        await client.steer(0, 0, thrusting=False)
        await client.until(lambda: not client.own["flags"])
    yield client
    await client.flown(2)
    assert_undisturbed(client)


@contextlib.asynccontextmanager
async def undisturbed(server: Server, **options: Any) -> AsyncIterator[ReplicaClient]:
    """Connect a player within the block who must receive every frame and only one keyframe."""
    async with ReplicaClient.connected(server, **options) as client:
        await client.flown()
        yield client
        await client.flown(5)
        assert_undisturbed(client)


def assert_undisturbed(client: ReplicaClient) -> None:
    """Fail unless the client is connected and received only deltas since its first keyframe."""
    assert client.socket.close_code is None
    assert 1 == client.count(Keyframe)


@pytest.fixture
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Return a function that starts a server for this test. All servers must end cleanly after the test."""
    with contextlib.ExitStack() as servers:
        yield lambda **settings: servers.enter_context(
            serving(tmp_path_factory.mktemp("server"), **(NO_GRACE | settings))
        )
