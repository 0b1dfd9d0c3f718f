import pytest

from loadtest.outcome import ExitCode, Outcome
from loadtest.scenarios.__main__ import main, total
from loadtest.scenarios.table import SMOKE, scenarios
from loadtest.sites.site import CLUSTER, LOCAL

# Names are interfaces: commands, results and pages use them.
FAULTS = """
    tick-kill-spare tick-kill tick-term tick-stop tick-two gateway-kill gateway-drain gateway-rolling gateway-storm
    version-upgrade version-rollback version-takeover version-unknown redis-kill redis-kill-long redis-kill-data
    redis-stop redis-pause redis-drop nginx-reload clock-jump non-readers scrapers cpu-gateways churn
"""
RELEASES = """
    smoke-install smoke-upgrade smoke-restart smoke-uninstall scale-values restart-gateway restart-tick restart-web
    restart-redis restart-tick-alone restart-once upgrade-rollback helm4 tick-kill-spare evictions tick-kill
    tick-redis-gone reinstall plain-manifests missing-secret wss-nginx-org reload-long reload-short idle-nginx-org
    wss-ingress-nginx idle-ingress-nginx wss-none autoscaling network-policies
"""
SHARED = {"tick-kill-spare", "tick-kill", "gateway-kill", "gateway-drain", "gateway-storm", "redis-kill"}


def test_no_scenario_is_lost() -> None:
    """25 on local processes, 29 on a cluster, and those that run on both."""
    assert set(FAULTS.split()) == set(scenarios(LOCAL))
    assert {*RELEASES.split(), *SHARED} == set(scenarios(CLUSTER))


@pytest.mark.parametrize("name", sorted(SHARED))
def test_a_fault_is_one_function_on_every_site(name: str) -> None:
    """And so is the rolling restart, which has a name for each site."""
    assert scenarios(LOCAL)[name] is scenarios(CLUSTER)[name]
    assert scenarios(LOCAL)["gateway-rolling"].run is scenarios(CLUSTER)["restart-gateway"].run


@pytest.mark.parametrize("kind", [LOCAL, CLUSTER])
def test_every_scenario_has_a_title(kind: str) -> None:
    """It is a row of the report."""
    titles = [scenario.title for scenario in scenarios(kind).values()]
    assert all(title and not title[0].islower() for title in titles), titles
    assert len(titles) == len(set(titles))


def test_the_smoke_test_needs_only_a_cluster() -> None:
    """So that it runs on every cluster."""
    assert {"smoke-install", "smoke-upgrade", "smoke-restart", "smoke-uninstall"} == SMOKE
    assert not any(scenarios(CLUSTER)[name].needs for name in SMOKE)
    assert not any(scenario.needs for scenario in scenarios(LOCAL).values())


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--only", "flood,tick-kill"], "There is no scenario flood; there are tick-kill-spare, tick-kill,"),
        (["--site", "cluster", "--only", "redis-stop"], "There is no scenario redis-stop; there are smoke-install,"),
        (["--smoke"], "--smoke: the smoke test runs on a cluster"),
        (["--site", "cluster", "--addons", "/nowhere"], "--addons: there is no folder /nowhere"),
        (["--site", "cluster"], "There is no kubectl on the PATH"),
    ],
)
def test_a_run_that_cannot_begin_ends_with_2_and_the_reason(
    words: list[str], error: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, which names the option or what is missing."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("signal.signal", lambda *_: None)  # these tests keep their own handlers
    assert ExitCode.COULD_NOT_RUN == main(words)
    assert capsys.readouterr().err.startswith(error)


def test_a_failure_outweighs_an_open_result() -> None:
    """A scenario that was not run leaves the run open, unless --allow-missing is given."""
    passed, failed, left_open, missing = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NOT_RUN
    assert ExitCode.PASS == total([passed], allow_missing=False)
    assert ExitCode.FAIL == total([passed, failed, left_open], allow_missing=False)
    assert ExitCode.INCONCLUSIVE == total([passed, left_open], allow_missing=True)
    assert ExitCode.INCONCLUSIVE == total([passed, missing], allow_missing=False)
    assert ExitCode.PASS == total([passed, missing], allow_missing=True)
