from loadtest.scenarios.releases.installs import kept_secrets
from loadtest.scenarios.releases.plain import documents
from loadtest.scenarios.releases.policies import policy_values
from loadtest.scenarios.releases.rollouts import image_values
from loadtest.sites.kubernetes.helm import merged

MANIFEST = """\
---
apiVersion: v1
kind: Secret
metadata:
  name: keys
  annotations:
    "helm.sh/resource-policy": keep
---
apiVersion: v1
kind: Secret
metadata:
  name: goes
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: stays-but-is-no-secret
  annotations:
    helm.sh/resource-policy: keep
"""


def test_only_secrets_with_the_policy_are_kept() -> None:
    """Read from the manifest that Helm installed."""
    assert {"keys"} == kept_secrets(MANIFEST)


def test_later_values_override_and_maps_are_merged() -> None:
    """As with Helm's own files of values."""
    assert {"a": {"b": 1, "c": 3}, "d": 5} == merged({"a": {"b": 1, "c": 2}, "d": 4}, {"a": {"c": 3}, "d": 5})


def test_values_do_not_change_what_they_are_merged_from() -> None:
    """Layouts share them."""
    base = {"a": {"b": 1}}
    merged(base, {"a": {"b": 2}})
    assert {"a": {"b": 1}} == base


def test_an_image_has_repository_and_tag() -> None:
    """The registry's port is no tag."""
    assert {"image": {"repository": "host:5000/flotilla", "tag": "1"}} == image_values("host:5000/flotilla:1")


def test_a_text_is_split_into_objects() -> None:
    """Each with its own kind, not the kind of a part."""
    assert ["Secret", "Secret", "ConfigMap"] == [kind for kind, _ in documents(MANIFEST)]
    found = list(documents("# x\n---\nkind: Ingress\nspec:\n  kind: X\n"))
    assert [("Ingress", "\nkind: Ingress\nspec:\n  kind: X\n")] == found


def test_nodes_are_admitted_beside_the_ingress() -> None:
    """Players of the tests connect through a port of a node."""
    admitted = policy_values(["10.0.0.1"])["networkPolicy"]["ingressFrom"]
    assert {"ipBlock": {"cidr": "10.0.0.1/32"}} in admitted
