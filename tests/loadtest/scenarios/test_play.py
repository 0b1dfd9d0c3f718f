import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loadtest.judge.checks import Check
from loadtest.judge.scenario_result import ScenarioResult
from loadtest.outcome import Outcome
from loadtest.paths import ROOT
from loadtest.processes.process import SiteError
from loadtest.scenarios.play import play
from loadtest.scenarios.stage import Scenario, Seen, Stage
from loadtest.scenarios.table import scenarios
from loadtest.sites.kubernetes.shared_release import ReleaseLayout, SharedRelease
from loadtest.sites.kubernetes.tools import Tools
from loadtest.sites.local import LocalSites
from loadtest.sites.site import LOCAL
from tests.loadtest.conftest import FakeCluster

BARE = ReleaseLayout(None, "bare")

Play = Callable[..., ScenarioResult]


def passes(stage: Stage[Any]) -> Seen:
    """All is well."""
    stage.log("done")
    return Seen([Check("all", holds=True, figure="well")])


def breaks(stage: Stage[Any]) -> Seen:
    """Something is not there."""
    raise SiteError("it is not there")


@pytest.fixture
def on_cluster(tools: Tools, tmp_path: Path) -> Iterator[Play]:
    """Run a function as a scenario of the fake cluster."""
    provider = SharedRelease(tools)

    def run(act: Callable[[Stage[Any]], Seen], *needs: str) -> ScenarioResult:
        scenario = Scenario("x", act, cluster=BARE, needs=frozenset(needs))
        return play(scenario, provider, tmp_path, full=False, players=1, log=print)

    yield run
    provider.discard()


def namespaces(cluster: FakeCluster, word: str) -> list[str]:
    return [line.split()[0].partition("=")[2] for line in cluster.commands() if f" {word} " in f"{line} "]


def test_scenarios_share_a_namespace(cluster: FakeCluster, on_cluster: Play) -> None:
    """It stays after a pass."""
    result = on_cluster(passes)
    on_cluster(passes)
    [made] = namespaces(cluster, "apply")
    assert made.startswith("flotilla-test-")
    assert [] == namespaces(cluster, "delete")
    assert (Outcome.PASS, ["ok all: well"]) == (result.outcome, result.checks)


def test_a_failure_deletes_the_namespace(cluster: FakeCluster, on_cluster: Play) -> None:
    """So that the next scenario does not inherit it. The result has the reason."""
    result = on_cluster(breaks)
    assert namespaces(cluster, "apply") == namespaces(cluster, "delete")
    assert (Outcome.FAIL, ["NOT completed: it is not there"]) == (result.outcome, result.checks)


def test_a_scenario_that_lacks_something_is_not_run(cluster: FakeCluster, on_cluster: Play) -> None:
    """Nothing is touched."""
    result = on_cluster(passes, "nginx")
    assert (Outcome.NOT_RUN, ["not run: needs nginx"]) == (result.outcome, result.checks)
    assert [] == cluster.commands()


@pytest.mark.parametrize("name", ["tick-kill-spare", "gateway-drain", "gateway-storm"])
def test_players_keep_their_ships(name: str, tmp_path: Path) -> None:
    """Whole scenarios with few players, as `make test-faults` runs all of them with many."""
    subprocess.run([ROOT / ".ci" / "system-packages", "redis-server", "nginx"], check=True)
    result = play(scenarios(LOCAL)[name], LocalSites(full=False), tmp_path, full=False, players=12, log=print)

    assert Outcome.FAIL is not result.outcome, result.checks
    assert result.observation is not None
    assert 12 == result.observation.live
