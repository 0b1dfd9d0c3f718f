import json
import socket

import pytest

from loadtest.processes.process import SiteError
from loadtest.sites.kubernetes.api import Api
from loadtest.sites.kubernetes.pods import pods
from loadtest.sites.kubernetes.release import Release
from tests.loadtest.conftest import FakeCluster
from tests.loadtest.sites.kubernetes.objects import deployment, pod

PODS = "/api/v1/namespaces/test/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/test/deployments"
SERVICE = {"metadata": {"name": "flotilla-gateway"}, "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}]}}


def test_an_error_of_the_api_has_path_and_status(api: Api) -> None:
    """And the begin of its body."""
    with pytest.raises(SiteError, match="answers 404 to /nothing: no such thing"):
        api.get("/nothing")


def test_a_release_is_settled_when_all_is_rolled_out_and_no_pod_is_ending(
    cluster: FakeCluster, release: Release
) -> None:
    """The wait returns."""
    cluster.list_items(DEPLOYMENTS, [deployment()])
    cluster.list_items(PODS, [pod("a"), pod("b")])
    release.settle(patience_s=0)


def test_a_release_that_does_not_settle_is_an_error_with_reasons(cluster: FakeCluster, release: Release) -> None:
    """The pod, and the cluster's reason."""
    waiting = {"state": {"waiting": {"reason": "ErrImagePull"}}}
    unready = {"conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [waiting]}
    cluster.list_items(DEPLOYMENTS, [deployment(availableReplicas=1)])
    cluster.list_items(PODS, [pod("a", status=unready)])
    with pytest.raises(SiteError, match=r"After 0 s the release was not settled\.\na: not ready ErrImagePull"):
        release.settle(patience_s=0)


def test_pods_of_hooks_that_ran_do_not_count(cluster: FakeCluster, release: Release) -> None:
    """They stay in the list."""
    cluster.list_items(PODS, [pod("a"), pod("t", "test", status={"phase": "Failed"})])
    assert ["a"] == [each.name for each in release.pods()]


def test_the_door_is_a_port_of_the_node_with_a_listener(cluster: FakeCluster, release: Release) -> None:
    """Its Service has the selector of the release's Service."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        cluster.list_items("/api/v1/namespaces/test/services", [SERVICE])
        made = {"spec": {"ports": [{"nodePort": port}]}}
        cluster.answer("/api/v1/namespaces/test/services/door-gateway", 200, made)
        door = release.door()

    assert [f"ws://127.0.0.1:{port}/ws/game/"] == door.urls
    [service] = json.loads((cluster.folder / "given.json").read_text(encoding="utf-8"))["items"]
    assert ("NodePort", {"a": "b"}) == (service["spec"]["type"], service["spec"]["selector"])


def test_the_leader_is_the_tick_that_holds_the_lease(cluster: FakeCluster, release: Release) -> None:
    """According to its metrics, through the API."""
    cluster.list_items(PODS, [pod("spare", "tick"), pod("leads", "tick")])
    for name, held in (("spare", 0), ("leads", 1)):
        page = f"# TYPE flotilla_lease_held gauge\nflotilla_lease_held {held}\n"
        cluster.answer(f"{PODS}/{name}:9000/proxy/metrics", 200, page)
    assert "leads" == release.leader()


def test_an_eviction_that_must_wait_returns_429(cluster: FakeCluster, release: Release) -> None:
    """The status of the API."""
    cluster.answer(f"{PODS}/gateway-1/eviction", 429, "Cannot evict pod as it would violate the budget.")
    assert 429 == release.evict(pods([pod()])[0])


def test_a_restart_names_each_deployment_of_the_component(cluster: FakeCluster, release: Release) -> None:
    """One command for each."""
    cluster.list_items(DEPLOYMENTS, [deployment()])
    release.restart("gateway")
    assert ["--namespace=test rollout restart deployment/flotilla-gateway"] == cluster.commands()


def test_a_forced_stop_deletes_pods_with_sigkill_and_a_start_restores_the_number(
    cluster: FakeCluster, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Deployment gets no replicas first, so that it replaces no pod."""
    cluster.list_items(DEPLOYMENTS, [deployment()])
    cluster.list_items(PODS, [pod("a")])
    monkeypatch.setattr(release, "kill", lambda name: (cluster.list_items(PODS, []), Release.kill(release, name)))
    release.stop("gateway", forced=True)
    release.start("gateway")
    assert [
        "--namespace=test scale deployment/flotilla-gateway --replicas=0",
        "--namespace=test delete pod a --force --grace-period=0 --wait=false --ignore-not-found",
        "--namespace=test scale deployment/flotilla-gateway --replicas=2",
    ] == cluster.commands()
