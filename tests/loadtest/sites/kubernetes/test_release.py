import json
import socket

import pytest

from loadtest.processes.process import SiteError
from loadtest.sites.kubernetes.api import Api
from loadtest.sites.kubernetes.pods import pods
from loadtest.sites.kubernetes.release import Site
from tests.loadtest.conftest import FakeCluster
from tests.loadtest.sites.kubernetes.objects import deployment, pod

PODS = "/api/v1/namespaces/test/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/test/deployments"
SERVICE = {"metadata": {"name": "flotilla-gateway"}, "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}]}}


def test_an_answer_that_is_none_names_path_and_status(api: Api) -> None:
    """And the first words of the API."""
    with pytest.raises(SiteError, match="answers 404 to /nothing: no such thing"):
        api.get("/nothing")


def test_a_release_is_settled_when_all_is_rolled_out_and_nobody_ends(cluster: FakeCluster, site: Site) -> None:
    """Then the wait returns."""
    cluster.say(DEPLOYMENTS, [deployment()])
    cluster.say(PODS, [pod("a"), pod("b")])
    site.settle(patience_s=0)


def test_a_release_that_does_not_settle_is_told_with_its_reasons(cluster: FakeCluster, site: Site) -> None:
    """Which pod, and the cluster's words."""
    waiting = {"state": {"waiting": {"reason": "ErrImagePull"}}}
    unready = {"conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [waiting]}
    cluster.say(DEPLOYMENTS, [deployment(availableReplicas=1)])
    cluster.say(PODS, [pod("a", status=unready)])
    with pytest.raises(SiteError, match=r"After 0 s the release is not settled\.\na: not ready ErrImagePull"):
        site.settle(patience_s=0)


def test_pods_of_hooks_that_ran_do_not_count(cluster: FakeCluster, site: Site) -> None:
    """They stay, but run no more."""
    cluster.say(PODS, [pod("a"), pod("t", "test", status={"phase": "Failed"})])
    assert ["a"] == [each.name for each in site.pods()]


def test_the_door_is_a_port_of_the_node_at_which_somebody_listens(cluster: FakeCluster, site: Site) -> None:
    """Made after the release's own Service."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        cluster.say("/api/v1/namespaces/test/services", [SERVICE])
        made = {"spec": {"ports": [{"nodePort": port}]}}
        cluster.answer("/api/v1/namespaces/test/services/door-gateway", 200, made)
        door = site.door()

    assert [f"ws://127.0.0.1:{port}/ws/game/"] == door.urls
    [service] = json.loads((cluster.folder / "given.json").read_text(encoding="utf-8"))["items"]
    assert ("NodePort", {"a": "b"}) == (service["spec"]["type"], service["spec"]["selector"])


def test_the_leader_is_the_tick_that_holds_the_lease(cluster: FakeCluster, site: Site) -> None:
    """By its own metrics, read through the API."""
    cluster.say(PODS, [pod("spare", "tick"), pod("leads", "tick")])
    for name, held in (("spare", 0), ("leads", 1)):
        page = f"# TYPE flotilla_lease_held gauge\nflotilla_lease_held {held}\n"
        cluster.answer(f"{PODS}/{name}:9000/proxy/metrics", 200, page)
    leader = site.leader()
    assert leader is not None
    assert "leads" == leader.name


def test_an_eviction_that_must_wait_says_so(cluster: FakeCluster, site: Site) -> None:
    """By the status of the API."""
    cluster.answer(f"{PODS}/gateway-1/eviction", 429, "Cannot evict pod as it would violate the budget.")
    assert 429 == site.evict(pods([pod()])[0])


def test_a_restart_names_each_deployment_of_the_component(cluster: FakeCluster, site: Site) -> None:
    """And waits until all run."""
    cluster.say(DEPLOYMENTS, [deployment()])
    site.restart("gateway")
    assert ["--namespace=test rollout restart deployment/flotilla-gateway"] == cluster.asked()
