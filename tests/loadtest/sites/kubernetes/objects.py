"""Objects as the API of a cluster returns them."""

from typing import Any


def pod(name: str = "gateway-1", component: str = "gateway", **changes: Any) -> dict[str, Any]:
    """A pod that is ready; `status` and `metadata` are merged over."""
    return {
        "metadata": {"name": name, "labels": {"app.kubernetes.io/component": component}, **changes.get("metadata", {})},
        "spec": {
            "containers": [
                {
                    "image": "flotilla:1",
                    "ports": [{"name": "public", "containerPort": 8000}, {"name": "private", "containerPort": 9000}],
                }
            ]
        },
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.7",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"restartCount": 0, "state": {"running": {}}}],
            **changes.get("status", {}),
        },
    }


def deployment(*, wanted: int = 2, generation: int = 3, **status: int) -> dict[str, Any]:
    """A Deployment that is rolled out, unless `status` changes its counts."""
    counts = {
        "observedGeneration": generation,
        "replicas": wanted,
        "updatedReplicas": wanted,
        "availableReplicas": wanted,
    }
    return {
        "metadata": {"name": "flotilla-gateway", "generation": generation},
        "spec": {"replicas": wanted},
        "status": counts | status,
    }
