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
from loadtest.sites.local import Cluster, Layout, running
from tests.end_to_end.clients import ReplicaClient


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    subprocess.run([ROOT / ".ci" / "system-packages", "redis-server", "nginx"], check=True)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two gateways, a tick, the page, and what they need."""
    with running(tmp_path_factory.mktemp("cluster"), Layout(web=True)) as running_cluster:
        yield running_cluster


class Address:
    """Where a client of the end-to-end tests connects."""

    def __init__(self, url: str) -> None:
        self.url = url


async def test_players_of_both_gateways_fly_in_one_world(cluster: Cluster) -> None:
    """Two sockets through nginx, one at each gateway, see each other."""
    address = Address(cluster.socket_url)
    async with ReplicaClient.connected(address) as one, ReplicaClient.connected(address) as other:
        await one.until(lambda: other.ship in one.ships and one.own)
        await other.until(lambda: one.ship in other.ships)
    assert [1, 1] == [int(_accepted(gateway.samples())) for gateway in cluster.gateways]


def test_the_page_comes_through_nginx(cluster: Cluster) -> None:
    """It is the web role's."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{cluster.address}/", timeout=10) as answer:
        assert b"<flotilla-game" in answer.read()


def test_a_role_that_was_killed_comes_back_where_it_was(cluster: Cluster) -> None:
    """On the same ports, as another process."""
    gateway = cluster.gateways[0]
    before = gateway.pid
    gateway.kill()
    gateway.start_again()
    gateway.wait_until_ready()
    assert before != gateway.pid


def test_nginx_takes_a_new_configuration_without_a_gap(cluster: Cluster) -> None:
    """After a reload it still serves, and is the same process."""
    before = cluster.nginx.process.pid
    cluster.nginx.reload()
    assert before == cluster.nginx.process.pid
    test_the_page_comes_through_nginx(cluster)


def test_the_tick_that_moves_the_world_is_found(cluster: Cluster) -> None:
    """A second one waits."""
    spare = cluster.add_tick()
    leader = cluster.leader()
    assert leader is cluster.ticks[0]
    assert 0.0 == spare.samples()["flotilla_lease_held"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_its_address_and_leaves_nobody_behind(tmp_path: Path, number: signal.Signals) -> None:
    """After one signal all its processes are gone, and its exit code is 0."""
    command = [sys.executable, "-u", "-m", "loadtest.sites", "--port", "0"]
    process = Process("the command", command, tmp_path / "command.log", dict(os.environ))
    try:
        process.wait_for(r"flying at http://127\.0\.0\.1:\d+/", patience_s=60)
        ids = [int(word) for word in _numbers(process.said())]
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
