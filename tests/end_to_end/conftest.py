"""Real servers for end-to-end tests, and a bystander whom no misdeed of another player may disturb."""

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

NO_GRACE = {"FLOTILLA_RESUME_GRACE_SECONDS": "0"}  # ships leave with their sockets, so that they can be counted

Serve = Callable[..., Server]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all of these tests in one event loop, in which the bystander lives."""
    for item in items:
        if item.path.parent == HERE and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that need no settings of their own."""
    settings = {
        "FLOTILLA_HELLO_TIMEOUT_SECONDS": "1",
        "FLOTILLA_ALLOWED_ORIGINS": ALLOWED_ORIGIN,
        # The bystander's event loop stands still while other folders are tested: it answers no ping for minutes.
        "FLOTILLA_PING_TIMEOUT_SECONDS": "3600",
        "FLOTILLA_SOCKET_STALL_SECONDS": "3600",
    }
    with serving(tmp_path_factory.mktemp("server"), **NO_GRACE, **settings) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lasting_bystander(shared_server: Server) -> AsyncIterator[ReplicaClient]:
    """A player who is there from the first test to the last."""
    async with undisturbed(shared_server) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def server(shared_server: Server, lasting_bystander: ReplicaClient) -> AsyncIterator[Server]:
    """The shared server with nobody but the bystander, whose log must stay clean."""
    await shared_server.settle(players=1)
    yield shared_server
    shared_server.assert_clean_log()


@pytest_asyncio.fixture(loop_scope="session")
async def bystander(server: Server, lasting_bystander: ReplicaClient) -> AsyncIterator[ReplicaClient]:
    """A player who keeps getting frames, and misses none, whatever the test does; at first its ship does not burn."""
    client = lasting_bystander
    if client.own["flags"]:
        await client.steer(0, 0, thrusting=False)
        await client.until(lambda: not client.own["flags"])
    yield client
    await client.flown(2)
    assert_undisturbed(client)


@contextlib.asynccontextmanager
async def undisturbed(server: Server, **options: Any) -> AsyncIterator[ReplicaClient]:
    """Fly a ship during the block and a while longer: frame after frame, with one keyframe, the first."""
    async with ReplicaClient.connected(server, **options) as client:
        await client.flown()
        yield client
        await client.flown(5)
        assert_undisturbed(client)


def assert_undisturbed(client: ReplicaClient) -> None:
    """Fail unless the client is connected and lived on deltas alone since its first keyframe."""
    assert client.socket.close_code is None
    assert 1 == client.count(Keyframe)


@pytest.fixture
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """A function that starts a server of the test's own; all end well after the test."""
    with contextlib.ExitStack() as servers:
        yield lambda **settings: servers.enter_context(
            serving(tmp_path_factory.mktemp("server"), **(NO_GRACE | settings))
        )
