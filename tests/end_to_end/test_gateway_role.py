import asyncio
import contextlib
import http.client
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.wire import inputs
from app.wire.records import SHIP
from tests.end_to_end.clients import ReplicaClient, TutorialClient
from tests.end_to_end.conftest import Serve
from tests.end_to_end.server import START_S, STOP_S, Server, ran, started
from tests.pacing import PATIENCE_S, until
from tests.redis_server import RedisServer

GATEWAY = ("-m", "app", "gateway", "--bind")


@contextlib.contextmanager
def ticking(redis: RedisServer, folder: Path) -> Iterator[None]:
    """Run `flotilla tick` during the block."""
    tick = started(folder / "tick.log", "-m", "app", "tick", FLOTILLA_REDIS_URL=redis.url)
    try:
        yield
        tick.signal(signal.SIGTERM)
        assert 0 == tick.wait(STOP_S), tick.output()
    finally:
        tick.kill()


@pytest.fixture
def tick(redis_server: RedisServer, tmp_path: Path) -> Iterator[None]:
    """Run a tick process."""
    with ticking(redis_server, tmp_path):
        yield


def get(address: str, path: str, *headers: tuple[str, str]) -> tuple[int, str]:
    """Return status and body of a page."""
    with contextlib.closing(http.client.HTTPConnection(address, timeout=PATIENCE_S)) as connection:
        connection.putrequest("GET", path)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return response.status, response.read().decode()


def ready(gateway: Server) -> tuple[int, str]:
    """Return the readiness that the private port reports."""
    found = re.search(r"private_port_open address=(\S+)", gateway.log())
    assert found is not None, gateway.log()
    return get(found[1], "/readyz")


async def test_players_of_two_gateways_fly_in_one_world(serve: Serve, redis_server: RedisServer, tick: None) -> None:
    """Each sees the other steer, through Redis."""
    one, two = (serve(command=GATEWAY, FLOTILLA_REDIS_URL=redis_server.url) for _ in range(2))
    async with ReplicaClient.connected(one) as replica, TutorialClient.connected(two) as tutorial:
        await replica.until(lambda: len(replica.ships) == 2, START_S)
        await tutorial.until(lambda: len(tutorial.ships) == 2)
        await replica.steer(1, 64, thrusting=True)
        await replica.until(lambda: replica.own["heading"] == 64)
        await tutorial.until(lambda: tutorial.ships[str(replica.ship)]["thrusting"])
        await tutorial.send_message("mouseDown")
        await replica.until(lambda: replica.ships[int(tutorial.player_id or 0)]["flags"])


async def test_a_gateway_has_no_page(serve: Serve, redis_server: RedisServer) -> None:
    """A browser that opens a gateway's address gets a link to the page."""
    gateway = serve(command=GATEWAY, FLOTILLA_REDIS_URL=redis_server.url)
    status, body = get(gateway.address, "/")
    assert 404 == status
    assert body.startswith("This process serves the game's WebSocket only")


async def test_a_gateway_serves_the_page_if_configured(serve: Serve, redis_server: RedisServer) -> None:
    """For a site without a proxy, a gateway serves page and WebSocket at one address."""
    gateway = serve(command=GATEWAY, FLOTILLA_REDIS_URL=redis_server.url, FLOTILLA_GATEWAY_SERVES_PAGE="true")
    status, body = get(gateway.address, "/")
    assert 200 == status
    assert "<flotilla-game" in body


@pytest.mark.parametrize(
    ("trusted", "forwarded", "status"),
    [
        ("10.0.0.0/8", ["https"], 301),
        ("127.0.0.0/8", ["https"], 200),
        ("127.0.0.0/8", ["https", "https"], 200),
        ("127.0.0.0/8", ["http"], 301),
        ("127.0.0.0/8", ["https", "http"], 301),
        ("127.0.0.0/8", ["https, http"], 301),
    ],
)
async def test_only_trusted_proxies_set_the_scheme(
    serve: Serve, redis_server: RedisServer, trusted: str, forwarded: list[str], status: int
) -> None:
    """As with the web role, a load balancer that terminates TLS causes no redirect loop."""
    gateway = serve(
        command=GATEWAY,
        FLOTILLA_REDIS_URL=redis_server.url,
        FLOTILLA_GATEWAY_SERVES_PAGE="true",
        FLOTILLA_SSL_REDIRECT="true",
        FLOTILLA_TRUSTED_PROXIES=trusted,
    )
    assert status == get(gateway.address, "/", *(("X-Forwarded-Proto", word) for word in forwarded))[0]


async def test_a_gateway_is_ready_once_it_met_a_tick(serve: Serve, redis_server: RedisServer, tmp_path: Path) -> None:
    """A gateway is ready without players, also after the tick has ended, but not while it drains."""
    gateway = serve(
        command=GATEWAY,
        FLOTILLA_REDIS_URL=redis_server.url,
        FLOTILLA_PRIVATE_BIND="127.0.0.1:0",
        FLOTILLA_DRAIN_WAIT_SECONDS="60",
    )
    assert (503, "no frame was seen yet\n") == ready(gateway)
    with ticking(redis_server, tmp_path):
        await until(lambda: ready(gateway) == (200, "ok\n"), START_S)
    assert (200, "ok\n") == ready(gateway)
    gateway.terminate()
    await until(lambda: ready(gateway) == (503, "draining\n"))


async def test_a_drain_loses_no_ship(serve: Serve, redis_server: RedisServer, tick: None) -> None:
    """A player of a draining gateway reconnects to another one and gets the same ship."""
    leaving, staying = (serve(command=GATEWAY, FLOTILLA_REDIS_URL=redis_server.url) for _ in range(2))
    async with ReplicaClient.connected(staying) as witness:
        async with ReplicaClient.connected(leaving) as player:
            await player.until(lambda: player.ship in player.ships, START_S)
            welcome = player.replica.welcome
            assert welcome is not None
            await witness.until(lambda: welcome.ship in witness.ships)
            leaving.terminate()
            assert 1012 == await player.close_code()
            assert 0 == await asyncio.to_thread(leaving.wait)
        async with ReplicaClient.connected(staying, hello=inputs.encode_hello(ticket=welcome.ticket)) as again:
            await again.flown()
            assert welcome.ship == again.ship
        seen = [np.frombuffer(ships, SHIP)["id"] for tick, ships in witness.history.items() if tick > welcome.tick]
        assert len(seen) > 3
        assert all(welcome.ship in ids for ids in seen[1:])


def test_a_gateway_without_redis_names_the_missing_setting() -> None:
    """The message is one sentence, and the exit code is 1."""
    ended = ran(*GATEWAY, "127.0.0.1:0")
    assert 1 == ended.returncode
    assert "" == ended.stdout
    assert ended.stderr.startswith("CommandError: FLOTILLA_REDIS_URL is not set: a gateway reaches the tick by Redis")
    assert 1 == len(ended.stderr.splitlines())
