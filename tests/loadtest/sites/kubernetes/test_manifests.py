import pytest

from loadtest.sites.kubernetes import manifests

SERVICE = {
    "spec": {
        "selector": {"app.kubernetes.io/component": "gateway"},
        "ports": [{"name": "http", "port": 80, "targetPort": "public"}],
    }
}


def test_a_namespace_of_ours_admits_restricted_pods_only() -> None:
    """Its label has the name of the tests."""
    labels = manifests.namespace("x")["metadata"]["labels"]
    assert "restricted" == labels["pod-security.kubernetes.io/enforce"]
    assert manifests.OURS == labels[manifests.PART_OF]


@pytest.mark.parametrize("port", ["http", 80])
def test_a_node_port_leads_to_the_pods_of_the_service(port: str | int) -> None:
    """The same selector and the same target port."""
    spec = manifests.node_port("door", SERVICE, port)["spec"]
    assert SERVICE["spec"]["selector"] == spec["selector"]
    assert ("NodePort", [{"port": 80, "targetPort": "public"}]) == (spec["type"], spec["ports"])


def test_a_caller_is_a_pod_that_a_restricted_namespace_admits() -> None:
    """It has no capabilities, and the given labels."""
    pod = manifests.caller("stranger", "flotilla:1", {"role": "stranger"})
    [container] = pod["spec"]["containers"]
    assert "stranger" == pod["metadata"]["labels"]["role"]
    assert {"drop": ["ALL"]} == container["securityContext"]["capabilities"]
    assert pod["spec"]["securityContext"]["runAsNonRoot"]


def test_an_ingress_sends_a_whole_host_to_one_service() -> None:
    """It has the given annotations only."""
    made = manifests.ingress("bare", "bare.test", "gateway", 80, {"a": "b"}, "tls")
    [rule] = made["spec"]["rules"]
    [path] = rule["http"]["paths"]
    assert ({"a": "b"}, "bare.test") == (made["metadata"]["annotations"], rule["host"])
    assert {"name": "gateway", "port": {"number": 80}} == path["backend"]["service"]
