from loadtest.judge.checks import Check
from loadtest.processes.process import SiteError
from loadtest.scenarios.cluster_play import NOT_RUN, play
from loadtest.scenarios.cluster_stage import Layout, Scenario, Seen, Stage
from loadtest.scenarios.shared_release import Theatre
from loadtest.sites.kubernetes.addons import Addons
from loadtest.sites.kubernetes.api import Api
from loadtest.sites.kubernetes.tools import Tools
from tests.loadtest.conftest import FakeCluster

BARE = Layout(release="bare", values=None)


def tools(cluster: FakeCluster, api: Api) -> Tools:
    return Tools(cluster.kubectl, "helm", None, "127.0.0.1", Addons(None), None, cluster.folder, api)


def passes(stage: Stage) -> Seen:
    """All is well."""
    stage.say("done")
    return Seen([Check("all", holds=True, figure="well")])


def breaks(stage: Stage) -> Seen:
    """Something is not there."""
    raise SiteError("it is not there")


def names(cluster: FakeCluster, word: str) -> list[str]:
    return [line.split()[0].partition("=")[2] for line in cluster.asked() if f" {word} " in f"{line} "]


def test_a_scenario_plays_in_a_namespace_of_its_own_which_is_taken_away(cluster: FakeCluster, api: Api) -> None:
    """Even if nothing went wrong."""
    every = tools(cluster, api)
    with Theatre(every, lambda _line: None) as theatre:
        outcome = play(Scenario("x", passes, BARE), theatre, every, players=1, tell=lambda _line: None)
        [made] = names(cluster, "apply")
        assert made.startswith("flotilla-test-")
        assert [] == names(cluster, "delete")
    assert ("passed", ["ok all: well"]) == (outcome.verdict, outcome.checks)
    assert [made] == names(cluster, "delete")


def test_what_breaks_has_failed_and_leaves_nothing_to_the_next(cluster: FakeCluster, api: Api) -> None:
    """With its reason."""
    every = tools(cluster, api)
    with Theatre(every, lambda _line: None) as theatre:
        outcome = play(Scenario("x", breaks, BARE), theatre, every, players=1, tell=lambda _line: None)
        assert names(cluster, "apply") == names(cluster, "delete")
    assert ("FAILED", ["NOT played to the end: it is not there"]) == (outcome.verdict, outcome.checks)


def test_what_lacks_something_is_not_run_and_says_what(cluster: FakeCluster, api: Api) -> None:
    """Nothing is touched."""
    every = tools(cluster, api)
    scenario = Scenario("x", passes, BARE, needs=frozenset({"nginx"}))
    with Theatre(every, lambda _line: None) as theatre:
        outcome = play(scenario, theatre, every, players=1, tell=lambda _line: None)
    assert (NOT_RUN, ["not run: needs nginx"]) == (outcome.verdict, outcome.checks)
    assert [] == cluster.asked()
