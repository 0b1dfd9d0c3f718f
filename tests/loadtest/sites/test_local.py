import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtest.paths import ROOT
from loadtest.processes.process import Process
from loadtest.sites.local import LocalLayout, LocalSite, running
from tests.end_to_end.clients import ReplicaClient


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    subprocess.run([ROOT / ".ci" / "system-packages", "redis-server", "nginx"], check=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSite]:
    """Two gateways, a tick, the web role, Redis and nginx."""
    with running(tmp_path_factory.mktemp("site"), LocalLayout(web=True)) as running_site:
        yield running_site


class Address:
    """Where a client of the end-to-end tests connects."""

    def __init__(self, url: str) -> None:
        self.url = url


async def test_players_of_both_gateways_fly_in_one_world(site: LocalSite) -> None:
    """Two sockets through nginx, one at each gateway, see each other."""
    address = Address(site.socket_url)
    async with ReplicaClient.connected(address) as one, ReplicaClient.connected(address) as other:
        await one.until(lambda: other.ship in one.ships and one.own)
        await other.until(lambda: one.ship in other.ships)
    assert [1, 1] == [int(_accepted(gateway.samples())) for gateway in site.gateways]


def test_the_page_comes_through_nginx(site: LocalSite) -> None:
    """From the web role."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{site.address}/", timeout=10) as answer:
        assert b"<flotilla-game" in answer.read()


def test_a_killed_gateway_is_replaced_on_its_ports_and_is_in_the_history(site: LocalSite) -> None:
    """The same name is another process. The scenario killed it, so it did not restart by itself."""
    gateway = site.gateways[0]
    before = gateway.pid
    watcher = site.watch()
    site.kill(gateway.name)
    assert [site.gateways[1].name] == site.names("gateway")
    site.settle()
    assert before != gateway.pid
    assert ({gateway.name}, set()) == (watcher.end().ended, watcher.end().restarted)


def test_a_process_that_the_scenario_did_not_end_is_in_the_history(site: LocalSite) -> None:
    """As one that restarted by itself."""
    watcher = site.watch()
    site.web[0].kill()
    assert (set(), {"web"}) == (watcher.end().ended, watcher.end().restarted)
    site.settle()


def test_redis_is_stopped_and_started(site: LocalSite) -> None:
    """By the name of its component."""
    site.stop("redis", forced=True)
    assert [] == site.names("redis")
    site.start("redis")
    assert ["redis"] == site.names("redis")


def test_nginx_takes_a_new_configuration_without_a_gap(site: LocalSite) -> None:
    """After a reload the same process still serves."""
    before = site.nginx.process.pid
    site.nginx.reload()
    assert before == site.nginx.process.pid
    test_the_page_comes_through_nginx(site)


def test_the_leader_is_the_tick_with_the_lease(site: LocalSite) -> None:
    """A second one waits."""
    spare = site.add_tick()
    assert site.leader() == site.ticks[0].name
    assert 0.0 == spare.samples()["flotilla_lease_held"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_its_address_and_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    """After one signal all its processes are gone, and its exit code is 0."""
    command = [sys.executable, "-u", "-m", "loadtest.sites", "--port", "0"]
    process = Process("the command", command, tmp_path / "command.log", dict(os.environ))
    try:
        process.wait_for(r"runs at http://127\.0\.0\.1:\d+/", patience_s=60)
        ids = [int(word) for word in _numbers(process.output())]
        assert len(ids) >= 4
        process.signal(number)
        assert 0 == process.wait()
        assert [] == [pid for pid in ids if Path(f"/proc/{pid}").exists()]
    finally:
        process.stop()


def _numbers(text: str) -> list[str]:
    return [line.split("process ")[1].split(",")[0] for line in text.splitlines() if "process " in line]


def _accepted(samples: dict[str, float]) -> float:
    return samples['flotilla_relay_age_seconds_bucket{le="+Inf"}'] > 0
