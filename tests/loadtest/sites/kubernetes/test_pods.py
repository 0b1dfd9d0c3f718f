from loadtest.sites.kubernetes.pods import Pod, pods, rolled_out
from tests.loadtest.sites.kubernetes.objects import deployment, pod


def only(item: dict[str, object]) -> Pod:
    [found] = pods([item])
    return found


def test_a_pod_has_what_checks_need() -> None:
    """Its component, ports, image and whether it is ready."""
    found = only(pod())

    assert ("gateway-1", "gateway", True, False, False) == (
        found.name,
        found.component,
        found.ready,
        found.terminating,
        found.ended,
    )
    assert {"public": 8000, "private": 9000} == found.ports
    assert ("10.0.0.7", "flotilla:1", 0, "") == (found.address, found.image, found.restarts, found.problem)


def test_a_new_pod_is_read_too() -> None:
    """It has neither conditions nor containers yet."""
    found = only(pod(status={"phase": "Pending", "conditions": [], "containerStatuses": []}))
    assert not found.ready


def test_a_pod_that_was_deleted_is_ending() -> None:
    """It has a time of deletion."""
    assert only(pod(metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})).terminating


def test_a_pod_of_a_hook_that_ran_has_ended() -> None:
    """No wait includes it."""
    assert only(pod(status={"phase": "Succeeded"})).ended


def test_the_reason_of_a_waiting_container_is_kept() -> None:
    """A missing Secret, for example."""
    waiting = {"state": {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "x" not found'}}}
    found = only(pod(status={"containerStatuses": [waiting]}))
    assert 'CreateContainerConfigError secret "x" not found' == found.problem


def test_the_reason_of_an_unscheduled_pod_is_kept() -> None:
    """It is in a condition."""
    conditions = [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes: too little memory"}]
    found = only(pod(status={"conditions": conditions, "containerStatuses": []}))
    assert "0/1 nodes: too little memory" == found.problem


def test_a_deployment_is_rolled_out_when_all_its_pods_are_new_and_available() -> None:
    """Not before."""
    assert rolled_out(deployment())
    assert rolled_out(deployment(wanted=0))
    assert not rolled_out(deployment(updatedReplicas=1))
    assert not rolled_out(deployment(availableReplicas=1))
    assert not rolled_out(deployment(replicas=3))
    assert not rolled_out(deployment(observedGeneration=2))


def test_a_deployment_without_replicas_has_no_counts() -> None:
    """Kubernetes omits zeros."""
    item = deployment(wanted=0)
    item["status"] = {"observedGeneration": 3}
    assert rolled_out(item)
