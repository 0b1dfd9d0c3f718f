from loadtest.sites.kubernetes.pods import Pod, pods, rolled_out
from tests.loadtest.sites.kubernetes.objects import deployment, pod


def only(item: dict[str, object]) -> Pod:
    [found] = pods([item])
    return found


def test_a_pod_says_what_a_judgement_needs() -> None:
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


def test_a_pod_that_was_just_made_is_read_too() -> None:
    """It has neither conditions nor containers yet."""
    found = only(pod(status={"phase": "Pending", "conditions": [], "containerStatuses": []}))
    assert not found.ready


def test_a_pod_that_was_deleted_is_ending() -> None:
    """By its time of deletion."""
    assert only(pod(metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})).terminating


def test_a_pod_of_a_hook_that_ran_has_ended() -> None:
    """It runs no more, and is no longer waited for."""
    assert only(pod(status={"phase": "Succeeded"})).ended


def test_what_keeps_a_container_from_running_is_told_in_the_clusters_words() -> None:
    """A missing Secret, for example."""
    waiting = {"state": {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "x" not found'}}}
    found = only(pod(status={"containerStatuses": [waiting]}))
    assert 'CreateContainerConfigError secret "x" not found' == found.problem


def test_why_no_node_takes_a_pod_is_told_as_well() -> None:
    """The scheduler says it in a condition."""
    conditions = [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes: too little memory"}]
    found = only(pod(status={"conditions": conditions, "containerStatuses": []}))
    assert "0/1 nodes: too little memory" == found.problem


def test_a_deployment_is_rolled_out_when_all_its_pods_are_new_and_available() -> None:
    """And no sooner."""
    assert rolled_out(deployment())
    assert rolled_out(deployment(wanted=0))
    assert not rolled_out(deployment(updatedReplicas=1))
    assert not rolled_out(deployment(availableReplicas=1))
    assert not rolled_out(deployment(replicas=3))
    assert not rolled_out(deployment(observedGeneration=2))


def test_a_deployment_of_none_has_no_counts_at_all() -> None:
    """Kubernetes leaves zeros out."""
    item = deployment(wanted=0)
    item["status"] = {"observedGeneration": 3}
    assert rolled_out(item)
