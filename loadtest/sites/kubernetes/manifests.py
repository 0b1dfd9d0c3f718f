"""Objects that scenarios create in their namespace. Pure."""

from collections.abc import Mapping
from typing import Any, Final

PART_OF: Final = "app.kubernetes.io/part-of"
OURS: Final = "flotilla-cluster-test"  # the value of that label on all these objects
LISTENS: Final = 8080  # port of a caller
RESTRICTED: Final = "pod-security.kubernetes.io/enforce"

Manifest = dict[str, Any]


def namespace(name: str) -> Manifest:
    """Return a namespace with the Pod Security level `restricted`."""
    labels = {PART_OF: OURS, RESTRICTED: "restricted", "pod-security.kubernetes.io/enforce-version": "latest"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def node_port(name: str, service: Mapping[str, Any], port: str | int) -> Manifest:
    """Return a Service that leads from a port of every node to the pods of `service`, as its `port` does."""
    found = next(each for each in service["spec"]["ports"] if port in {each.get("name"), each["port"]})
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": {PART_OF: OURS}},
        "spec": {
            "type": "NodePort",
            "selector": service["spec"]["selector"],
            "ports": [{"port": found["port"], "targetPort": found.get("targetPort", found["port"])}],
        },
    }


def caller(name: str, image: str, labels: Mapping[str, str]) -> Manifest:
    """Return a pod of the product's image that listens at LISTENS, for connections from it and to it."""
    wait = (
        f"import signal, socket; there = socket.create_server(('', {LISTENS}));"
        " signal.signal(signal.SIGTERM, lambda *_: exit()); signal.pause()"
    )
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {PART_OF: OURS, **labels}},
        "spec": {
            "automountServiceAccountToken": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "terminationGracePeriodSeconds": 1,
            "containers": [
                {
                    "name": "caller",
                    "image": image,
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["python", "-c", wait],
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                }
            ],
        },
    }


def ingress(name: str, host: str, service: str, port: int, annotations: Mapping[str, str], secret: str) -> Manifest:
    """Return an Ingress of class nginx that sends all requests for `host` to one Service."""
    backend = {"service": {"name": service, "port": {"number": port}}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "labels": {PART_OF: OURS}, "annotations": dict(annotations)},
        "spec": {
            "ingressClassName": "nginx",
            "tls": [{"hosts": [host], "secretName": secret}],
            "rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}],
        },
    }
