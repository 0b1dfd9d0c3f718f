"""Players connect to real roles behind the nginx of compose, with the settings of compose."""

import contextlib
import re
import signal
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from loadtest.paths import ROOT
from loadtest.processes.ports import HOST, free_port
from loadtest.processes.process import clean_environment
from loadtest.processes.redis_server import RedisServer
from loadtest.processes.role import FLOTILLA, Role
from tests.compose.edge import Edge, Names
from tests.end_to_end.clients import ReplicaClient
from tests.pacing import until

GATEWAYS: Final = ("127.0.0.2", "127.0.0.3")
DRAIN_WINDOW_S: Final = "3"
LEAVING: Final = 3  # players on the gateway that drains


class Site:
    """The running processes and the URL for players."""

    def __init__(self, edge: Edge, gateways: list[Role]) -> None:
        self.edge = edge
        self.gateways = gateways
        self.url = edge.socket_url

    @property
    def options(self) -> dict[str, Any]:
        """Options with which nginx's page connects."""
        return {"ssl": self.edge.trust, "origin": f"https://{HOST}:{self.edge.port}"}


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    subprocess.run([ROOT / ".ci" / "system-packages", "redis-server", "nginx", "openssl"], check=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run two gateways, tick, web and Redis behind nginx, in production mode."""
    folder = tmp_path_factory.mktemp("site")
    ports = {"gateway": free_port(), "web": free_port()}
    with contextlib.ExitStack() as stack:
        names = stack.enter_context(Names({"gateway": GATEWAYS, "web": [HOST]}))
        edge = Edge(folder, names, ports)
        redis = RedisServer(folder)
        stack.callback(redis.stop)
        settings = _settings(edge, redis, folder / "static")
        subprocess.run(
            [sys.executable, "-m", "app", "collectstatic", "--noinput"],
            cwd=ROOT,
            env=settings,
            check=True,
            capture_output=True,
        )

        def role(name: str, command: str, *bind: str) -> Role:
            started = Role(name, [*FLOTILLA, command, *bind], folder, settings, public=False)
            stack.callback(started.stop)
            return started

        tick = role("tick", "tick")
        web = role("web", "web", "--bind", f"{HOST}:{ports['web']}")
        gateways = [role(f"at-{host}", "gateway", "--bind", f"{host}:{ports['gateway']}") for host in GATEWAYS]
        for started in (tick, web, *gateways):
            started.wait_until_ready()
        stack.enter_context(edge.running())
        yield Site(edge, gateways)


def _settings(edge: Edge, redis: RedisServer, static: Path) -> dict[str, str]:
    """Return the settings of compose with local addresses."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    given = {
        name: re.sub(r"^\$\{\w+:?-(.*)\}$", r"\1", text)  # its default
        for name, text in compose["x-flotilla"]["environment"].items()
    }
    ours = {
        "PYTHONUNBUFFERED": "1",
        "FLOTILLA_ENV": "production",
        "FLOTILLA_SECRET_KEY_FILE": str(edge.secret_key),
        "FLOTILLA_REDIS_URL": redis.url,
        "FLOTILLA_TRUSTED_PROXIES": HOST,
        "FLOTILLA_STATIC_ROOT": str(static),
        "FLOTILLA_DRAIN_WINDOW_SECONDS": DRAIN_WINDOW_S,
    }
    return clean_environment(**given | ours)


def _get(site: Site, path: str) -> tuple[int, str]:
    handler = urllib.request.HTTPSHandler(context=site.edge.trust)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), handler)
    with opener.open(f"https://{HOST}:{site.edge.port}{path}", timeout=10) as answer:
        return answer.status, answer.read().decode()


def test_the_page_and_its_script_load_over_tls(site: Site) -> None:
    """There is no redirect loop."""
    status, page = _get(site, "/")
    (script,) = re.findall(r'src="(/static/flotilla/flotilla-game\.[0-9a-f]+\.js)"', page)
    assert (200, 200) == (status, _get(site, script)[0])


async def test_a_player_flies_over_tls(site: Site) -> None:
    """The player connects with the origin of the page."""
    async with ReplicaClient.connected(site, **site.options) as client:
        await client.until(lambda: client.own)
        await client.steer(1, 64, thrusting=True)
        await client.until(lambda: client.own["heading"] == 64 and client.own["vx"] | client.own["vy"])


async def test_another_origin_is_refused(site: Site) -> None:
    """Pages of other sites get status 403."""
    with pytest.raises(Exception, match="HTTP 403"):
        async with ReplicaClient.connected(site, ssl=site.edge.trust, origin="https://evil.example"):
            pass


async def test_while_a_gateway_drains_players_connect_to_the_other(site: Site) -> None:
    """Its players are closed with 1012, and no new player is refused."""
    leaving, staying = site.gateways
    await until(lambda: leaving.samples()["flotilla_connections"] == 0)  # players of earlier tests have left
    async with contextlib.AsyncExitStack() as stack:
        clients: list[ReplicaClient] = []
        while leaving.samples()["flotilla_connections"] < LEAVING:  # nginx chooses the gateway at random
            client = await stack.enter_async_context(_player(site))
            await client.until(lambda client=client: client.own)
            clients.append(client)
        leaving.process.signal(signal.SIGTERM)
        await until(lambda: leaving.ask("/readyz")[0] == 503)
        for _ in range(6):
            late = await stack.enter_async_context(_player(site))
            await late.until(lambda late=late: late.own)
        await until(lambda: not leaving.process.running)
        assert 0 == leaving.process.wait()
        closed: list[int] = []

        def all_closed() -> bool:
            closed[:] = [code for client in clients if (code := client.socket.close_code)]
            return len(closed) >= LEAVING  # or more, because the page of metrics is up to a second old

        await until(all_closed)
        assert {1012} == set(closed)
    assert staying.process.running


def _player(site: Site) -> contextlib.AbstractAsyncContextManager[ReplicaClient]:
    return ReplicaClient.connected(site, **site.options)


def test_the_machines_certificates_do_not_trust_the_site(site: Site) -> None:
    """The other tests therefore verify the generated certificate."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED") as caught:
        opener.open(f"https://{HOST}:{site.edge.port}/", timeout=10)
    assert isinstance(caught.value.reason, ssl.SSLCertVerificationError)  # type: ignore[attr-defined]  # URLError's own
