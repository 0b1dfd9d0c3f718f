"""One release in a namespace of its own: put there, changed, looked at and taken away. Every wait has an end."""

import contextlib
import http
import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from loadtest.measure.metrics_page import Samples, parse
from loadtest.players.door import Door
from loadtest.processes.process import SiteError
from loadtest.sites.kubernetes import manifests
from loadtest.sites.kubernetes.api import Api
from loadtest.sites.kubernetes.helm import TEST_VALUES, Helm, Values
from loadtest.sites.kubernetes.kubectl import Kubectl
from loadtest.sites.kubernetes.pods import COMPONENT, INSTANCE, PRIVATE, Pod, pods, rolled_out

RELEASE: Final = "flotilla"
LOOK_AGAIN_S: Final = 0.3
POD_ANSWER_S: Final = 1.0  # longest answer of a pod: one that is gone gives none at all
SETTLE_S: Final = 180.0  # longest rollout: several surges, each with a drain
DOOR_S: Final = 90.0  # from a Service to a first pod that it leads to
GONE_S: Final = 90.0  # longest end of a namespace
SOCKET_PATH: Final = "/ws/game/"
ORIGIN: Final = "http://localhost"  # always a host of the site


class Site:
    """The release, whether it is there or not."""

    def __init__(self, kubectl: Kubectl, helm: Helm, api: Api, namespace: str, node: str) -> None:
        """Take the tools, all for `namespace`, and the address at which NodePorts answer."""
        self.kubectl = kubectl
        self.helm = helm
        self.api = api
        self.namespace = namespace
        self._node = node
        self._values: Values | None = None  # of the revision that runs, if it is known

    def install(self, values: Values) -> None:
        """Install with the short windows of tests and `values`, and wait until all runs; raises SiteError."""
        self._values = None
        self.helm.install([TEST_VALUES], values)
        self.settle()
        self._values = values

    def have(self, values: Values) -> None:
        """Upgrade to the short windows of tests and `values`, and wait until all runs; raises SiteError."""
        if values != self._values:
            self._values = None
            self.helm.upgrade([TEST_VALUES], values)
        self.settle()
        self._values = values

    def rollback(self) -> None:
        """Go back by one revision, and wait until all runs; raises SiteError."""
        self._values = None
        self.helm.rollback()
        self.settle()

    def test(self, *names: str) -> None:
        """Run the chart's own tests; raises SiteError with what they said, or if one of `names` did not run."""
        try:
            told = self.helm.test()
        except SiteError as error:
            _, told = self.kubectl.attempt("logs", f"--selector={INSTANCE}={RELEASE},{COMPONENT}=test", "--tail=20")
            raise SiteError(f"{error}\n{told}") from error
        for name in names:
            if f"{RELEASE}-test-{name}" not in told:
                raise SiteError(f"There was no test of the {name}.\n{told}")

    def restart(self, component: str) -> None:
        """Restart all pods of a component, and wait until all runs; raises SiteError."""
        for deployment in self.deployments(component):
            self.kubectl.run("rollout", "restart", f"deployment/{deployment['metadata']['name']}")
        self.settle()

    def scale(self, component: str, replicas: int) -> None:
        """Set the number of pods behind the back of the release; return at once. Raises SiteError."""
        for deployment in self.deployments(component):
            self.kubectl.run("scale", f"deployment/{deployment['metadata']['name']}", f"--replicas={replicas}")

    def settle(self, patience_s: float = SETTLE_S) -> None:
        """Return when every Deployment is as it should be and no pod is ending; raises SiteError with reasons."""
        self.wait(self._settled, patience_s, "the release is not settled")

    def wait(self, done: Callable[[], bool], patience_s: float, what: str) -> None:
        """Return when `done`; raises SiteError with what the cluster says when it is not in time."""
        deadline = time.monotonic() + patience_s
        while not done():
            if time.monotonic() > deadline:
                raise SiteError(f"After {patience_s:g} s {what}.\n{self.troubles()}")
            time.sleep(LOOK_AGAIN_S)

    def pods(self, component: str | None = None) -> list[Pod]:
        """Return the release's pods, perhaps of one component only, without those of hooks; raises SiteError."""
        found = pods(self._list("/api/v1", "pods", f"{INSTANCE}={RELEASE}"))
        return [pod for pod in found if not pod.ended and (component is None or pod.component == component)]

    def wait_gone(self) -> None:
        """Return when no pod is left of the release, not even one that ended; raises SiteError."""
        self.wait(lambda: not self._list("/api/v1", "pods", f"{INSTANCE}={RELEASE}"), GONE_S, "pods are left")

    def deployments(self, component: str | None = None) -> list[dict[str, Any]]:
        """Return the release's Deployments; raises SiteError."""
        labels = f"{INSTANCE}={RELEASE}" + (f",{COMPONENT}={component}" if component else "")
        return self._list("/apis/apps/v1", "deployments", labels)

    def service(self, component: str) -> dict[str, Any]:
        """Return the Service by which players reach a component; raises SiteError."""
        found = self._list("/api/v1", "services", f"{INSTANCE}={RELEASE},{COMPONENT}={component}")
        public = [each for each in found if each["spec"].get("clusterIP") != "None"]
        if len(public) != 1:
            raise SiteError(f"There are {len(public)} Services of {component}, not one.")
        return public[0]

    def door(self, component: str = "gateway") -> Door:
        """Return how players outside come in through the Service of a component, by a port of the node."""
        name = f"door-{component}"
        service = self.service(component)
        self.kubectl.apply(manifests.node_port(name, service, service["spec"]["ports"][0]["port"]))
        made = self.api.get(f"/api/v1/namespaces/{self.namespace}/services/{name}")
        port = made["spec"]["ports"][0]["nodePort"]
        self.wait(lambda: _listens(self._node, port), DOOR_S, f"nobody answers at {self._node}:{port}")
        return Door([f"ws://{self._node}:{port}{SOCKET_PATH}"], headers=[("Origin", ORIGIN)])

    def ask(self, pod: Pod, path: str) -> tuple[int, str]:
        """Return what a pod answers on its private port."""
        where = f"/api/v1/namespaces/{self.namespace}/pods/{pod.name}:{pod.ports[PRIVATE]}/proxy{path}"
        return self.api.ask(where, patience_s=POD_ANSWER_S)

    def samples(self, pod: Pod) -> Samples:
        """Return the metrics of a pod; none if it does not answer."""
        status, body = self.ask(pod, "/metrics")
        return parse(body) if status == http.HTTPStatus.OK else {}

    def leader(self) -> Pod | None:
        """Return the tick that says that it moves the world."""
        return next((pod for pod in self.pods("tick") if self.samples(pod).get("flotilla_lease_held")), None)

    def evict(self, pod: Pod) -> int:
        """Ask for the eviction of a pod, as a node that is drained does; return the status, 429 if it must wait."""
        where = f"/api/v1/namespaces/{self.namespace}/pods/{pod.name}/eviction"
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod.name, "namespace": self.namespace},
        }
        return self.api.ask(where, body=body)[0]

    def objects(self) -> set[str]:
        """Return all objects of the namespace as kind/name, but for those that come and go by themselves."""
        kinds = self.kubectl.run("api-resources", "--namespaced", "--verbs=list", "-o", "name").split()
        wanted = ",".join(kind for kind in kinds if not kind.startswith(_PASSING))
        return set(self.kubectl.run("get", wanted, "-o", "name", "--ignore-not-found").split())

    def secrets(self) -> dict[str, dict[str, str]]:
        """Return the data of all Secrets of the release, still encoded; raises SiteError."""
        found = self._list("/api/v1", "secrets", f"{INSTANCE}={RELEASE}")
        return {each["metadata"]["name"]: each.get("data", {}) for each in found}

    def node_addresses(self) -> list[str]:
        """Return the addresses of all nodes inside the cluster; raises SiteError."""
        nodes = self.api.get("/api/v1/nodes")["items"]
        return [
            each["address"] for node in nodes for each in node["status"]["addresses"] if each["type"] == "InternalIP"
        ]

    def troubles(self) -> str:
        """Return what the cluster says about pods that do not run, for a person; never raises."""
        try:
            bad = [pod for pod in self.pods() if not pod.ready or pod.terminating]
            told = [f"{pod.name}: {'ending' if pod.terminating else 'not ready'} {pod.trouble}" for pod in bad]
            return "\n".join([*told, self.kubectl.troubles([pod.name for pod in bad[:3]])])
        except (SiteError, json.JSONDecodeError) as error:
            return str(error)

    def _settled(self) -> bool:
        return all(rolled_out(each) for each in self.deployments()) and not any(
            pod.terminating or not pod.ready for pod in self.pods()
        )

    def _list(self, group: str, kind: str, labels: str) -> list[dict[str, Any]]:
        selector = labels.replace("=", "%3D").replace(",", "%2C").replace("/", "%2F")
        where = f"{group}/namespaces/{self.namespace}/{kind}?labelSelector={selector}"
        items: list[dict[str, Any]] = self.api.get(where)["items"]
        return items


_PASSING: Final = ("events", "endpoints", "endpointslices", "leases", "pods.metrics", "podmetrics", "replicasets")


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), POD_ANSWER_S):
            return True
    except OSError:
        return False


@contextlib.contextmanager
def namespace(kubectl: Kubectl, name: str) -> Iterator[None]:
    """Hold a namespace of our own within the block; everything in it goes with it."""
    kubectl.apply(manifests.namespace(name))
    try:
        yield
    finally:
        kubectl.attempt("delete", "namespace", name, f"--timeout={GONE_S:g}s", patience_s=GONE_S + 10)
