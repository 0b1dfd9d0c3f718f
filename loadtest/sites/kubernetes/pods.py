"""Pods and Deployments, as far as scenarios need them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

COMPONENT: Final = "app.kubernetes.io/component"
INSTANCE: Final = "app.kubernetes.io/instance"
PUBLIC: Final = "public"  # names of ports: for players
PRIVATE: Final = "private"  # for probes and metrics

ENDED: Final = frozenset({"Succeeded", "Failed"})  # phases


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod at one moment."""

    name: str
    component: str
    ready: bool
    terminating: bool
    ended: bool
    restarts: int
    address: str
    ports: Mapping[str, int]  # by name
    image: str
    problem: str  # why a container does not run, in the cluster's words


def pods(items: Iterable[Mapping[str, Any]]) -> list[Pod]:
    """Return the pods of a list from the API."""
    return [_pod(item) for item in items]


def rolled_out(deployment: Mapping[str, Any]) -> bool:
    """Return True if a Deployment is as specified and has no old pods."""
    status, wanted = deployment.get("status", {}), deployment["spec"].get("replicas", 1)
    counts = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")]
    return bool(
        status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]
        and all(count == wanted for count in counts)
    )


def _pod(item: Mapping[str, Any]) -> Pod:
    metadata, spec, status = item["metadata"], item["spec"], item.get("status", {})
    conditions = {condition["type"]: condition["status"] for condition in status.get("conditions", [])}
    containers = status.get("containerStatuses", [])
    ports = {
        port.get("name", ""): port["containerPort"]
        for container in spec["containers"]
        for port in container.get("ports", [])
    }
    return Pod(
        name=metadata["name"],
        component=metadata.get("labels", {}).get(COMPONENT, ""),
        ready=conditions.get("Ready") == "True",
        terminating="deletionTimestamp" in metadata,
        ended=status.get("phase") in ENDED,
        restarts=sum(container.get("restartCount", 0) for container in containers),
        address=status.get("podIP", ""),
        ports=ports,
        image=spec["containers"][0]["image"],
        problem=_problem(conditions, status, containers),
    )


def _problem(conditions: Mapping[str, str], status: Mapping[str, Any], containers: Iterable[Mapping[str, Any]]) -> str:
    waiting = [container.get("state", {}).get("waiting", {}) for container in containers]
    words = [f"{state.get('reason', '')} {state.get('message', '')}".strip() for state in waiting if state]
    if conditions.get("PodScheduled") == "False":
        words += [each.get("message", "") for each in status["conditions"] if each["type"] == "PodScheduled"]
    return "; ".join(words)
