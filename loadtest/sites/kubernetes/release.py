"""One release of the chart in a namespace. Every wait is bounded, and errors have the problems of the cluster."""

import http
import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from loadtest.measure.metrics_page import Samples, parse
from loadtest.players.door import Door
from loadtest.processes.ports import listens
from loadtest.processes.process import SiteError, wait_until
from loadtest.sites.kubernetes import manifests
from loadtest.sites.kubernetes.helm import TEST_VALUES, Helm, Values
from loadtest.sites.kubernetes.kubectl import Kubectl
from loadtest.sites.kubernetes.pod_watcher import PodWatcher
from loadtest.sites.kubernetes.pods import COMPONENT, INSTANCE, PRIVATE, Pod, pods, rolled_out
from loadtest.sites.kubernetes.tools import Tools
from loadtest.sites.site import CLUSTER, Site

RELEASE: Final = "flotilla"
LOOK_AGAIN_S: Final = 0.3
POD_ANSWER_S: Final = 1.0  # longest answer of a pod; a pod that is gone gives none
SETTLE_S: Final = 180.0  # longest rollout: several surges, each with a drain
DOOR_S: Final = 90.0  # from a Service to its first pod
GONE_S: Final = 90.0  # longest end of a namespace
SOCKET_PATH: Final = "/ws/game/"
ORIGIN: Final = "http://localhost"  # always a host of the site


class Release(Site):
    """The release, installed or not."""

    kind = CLUSTER
    hang_s = 90.0

    def __init__(self, tools: Tools, namespace: str) -> None:
        self.tools = tools
        self.kubectl = Kubectl(tools.kubectl, namespace)
        self.helm = Helm(tools.helm, namespace, RELEASE, tools.folder)
        self.api = tools.api
        self.namespace = namespace
        self._values: Values | None = None  # of the running revision, if they are known
        self._replicas: dict[str, int] = {}  # of stopped Deployments

    def install(self, values: Values) -> None:
        """Install with the short windows of tests and `values`, and wait until all pods are ready. Raises SiteError."""
        self._change(values, self.helm.install)

    def have(self, values: Values) -> None:
        """Upgrade to the short windows of tests and `values`, and wait until all pods are ready. Raises SiteError."""
        if values != self._values:
            self._change(values, self.helm.upgrade)
        else:
            self.settle()

    def rollback(self) -> None:
        """Return to the previous revision, and wait until all pods are ready. Raises SiteError."""
        self._values = None
        self.helm.rollback()
        self.settle()

    def test(self, *names: str) -> None:
        """Run the tests of the chart. Raises SiteError with their logs if one fails or one of `names` did not run."""
        try:
            text = self.helm.test()
        except SiteError as error:
            _, text = self.kubectl.attempt("logs", f"--selector={INSTANCE}={RELEASE},{COMPONENT}=test", "--tail=20")
            raise SiteError(f"{error}\n{text}") from error
        for name in names:
            if f"{RELEASE}-test-{name}" not in text:
                raise SiteError(f"There was no test of the {name}.\n{text}")

    def door(self, component: str = "gateway") -> Door:
        """Return how players connect from outside: by a port of the node, through the Service of a component."""
        name = f"door-{component}"
        service = self.service(component)
        self.kubectl.apply(manifests.node_port(name, service, service["spec"]["ports"][0]["port"]))
        made = self.api.get(f"/api/v1/namespaces/{self.namespace}/services/{name}")
        port, node = made["spec"]["ports"][0]["nodePort"], self.tools.node
        self.wait(lambda: listens(port, node, POD_ANSWER_S), DOOR_S, f"there was no answer at {node}:{port}")
        return Door([f"ws://{node}:{port}{SOCKET_PATH}"], headers=[("Origin", ORIGIN)])

    def names(self, component: str) -> list[str]:
        return [pod.name for pod in self.pods(component)]

    def samples(self, name: str) -> Samples:
        return next((self.samples_of(pod) for pod in self.pods() if pod.name == name), {})

    def samples_of(self, pod: Pod) -> Samples:
        where = f"/api/v1/namespaces/{self.namespace}/pods/{pod.name}:{pod.ports[PRIVATE]}/proxy/metrics"
        status, body = self.api.ask(where, patience_s=POD_ANSWER_S)
        return parse(body) if status == http.HTTPStatus.OK else {}

    def kill(self, name: str) -> None:
        """Delete a pod with SIGKILL. Its Deployment replaces it."""
        self.kubectl.run("delete", "pod", name, "--force", "--grace-period=0", "--wait=false", "--ignore-not-found")

    def terminate(self, name: str) -> None:
        """Delete a pod with SIGTERM. Its Deployment replaces it."""
        self.kubectl.run("delete", "pod", name, "--wait=false")
        self.wait(lambda: name not in {pod.name for pod in self.pods()}, self.hang_s, f"{name} was still there")

    def settle(self, patience_s: float = SETTLE_S) -> None:
        self.wait(self._settled, patience_s, "the release was not settled")

    def stop(self, component: str, *, forced: bool = False) -> None:
        names = self.names(component)
        for deployment in self.deployments(component):
            name = deployment["metadata"]["name"]
            self._replicas[name] = deployment["spec"].get("replicas", 1)
            self.kubectl.run("scale", f"deployment/{name}", "--replicas=0")
        if forced:
            for name in names:
                self.kill(name)
        self.wait(lambda: not self.pods(component), GONE_S, f"{component} was still there")

    def start(self, component: str) -> None:
        for deployment in self.deployments(component):
            name = deployment["metadata"]["name"]
            self.kubectl.run("scale", f"deployment/{name}", f"--replicas={self._replicas[name]}")
        self.settle()

    def restart(self, component: str) -> list[int]:
        for deployment in self.deployments(component):
            self.kubectl.run("rollout", "restart", f"deployment/{deployment['metadata']['name']}")
        self.settle()
        return []

    def watch(self) -> PodWatcher:
        return PodWatcher(self.pods, self.samples_of)

    def wait(self, done: Callable[[], bool], patience_s: float, what: str) -> None:
        """Return when `done`. Raises SiteError with the problems of the cluster if it is not in time."""
        wait_until(done, patience_s, lambda: f"After {patience_s:g} s {what}.\n{self.problems()}", LOOK_AGAIN_S)

    def wait_gone(self) -> None:
        """Return when the release has no pod any more, not even an ended one. Raises SiteError."""
        self.wait(lambda: not self._list("/api/v1", "pods"), GONE_S, "pods were left")

    def pods(self, component: str | None = None) -> list[Pod]:
        """Return the pods of the release, or of one component, without ended ones of hooks. Raises SiteError."""
        found = pods(self._list("/api/v1", "pods"))
        return [pod for pod in found if not pod.ended and (component is None or pod.component == component)]

    def deployments(self, component: str | None = None) -> list[dict[str, Any]]:
        return self._list("/apis/apps/v1", "deployments", component)

    def service(self, component: str) -> dict[str, Any]:
        """Return the Service by which players reach a component. Raises SiteError unless there is exactly one."""
        found = self._list("/api/v1", "services", component)
        public = [each for each in found if each["spec"].get("clusterIP") != "None"]
        if len(public) != 1:
            raise SiteError(f"There are {len(public)} Services of {component}, not one.")
        return public[0]

    def evict(self, pod: Pod) -> int:
        """Request the eviction of a pod, as the drain of a node does. Return the status: 429 if it must wait."""
        where = f"/api/v1/namespaces/{self.namespace}/pods/{pod.name}/eviction"
        metadata = {"name": pod.name, "namespace": self.namespace}
        return self.api.ask(where, body={"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata})[0]

    def objects(self) -> set[str]:
        """Return all objects of the namespace as kind/name, without those that Kubernetes creates and deletes."""
        kinds = self.kubectl.run("api-resources", "--namespaced", "--verbs=list", "-o", "name").split()
        wanted = ",".join(kind for kind in kinds if not kind.startswith(_PASSING))
        return set(self.kubectl.run("get", wanted, "-o", "name", "--ignore-not-found").split())

    def secrets(self) -> dict[str, dict[str, str]]:
        """Return the encoded data of all Secrets of the release. Raises SiteError."""
        return {each["metadata"]["name"]: each.get("data", {}) for each in self._list("/api/v1", "secrets")}

    def node_addresses(self) -> list[str]:
        """Return the addresses of all nodes inside the cluster. Raises SiteError."""
        nodes = self.api.get("/api/v1/nodes")["items"]
        addresses: Iterable[dict[str, str]] = (each for node in nodes for each in node["status"]["addresses"])
        return [each["address"] for each in addresses if each["type"] == "InternalIP"]

    def problems(self) -> str:
        """Return why pods are not ready, with events and logs. Never raises."""
        try:
            bad = [pod for pod in self.pods() if not pod.ready or pod.terminating]
            lines = [f"{pod.name}: {'ending' if pod.terminating else 'not ready'} {pod.problem}" for pod in bad]
            return "\n".join([*lines, self.kubectl.problems([pod.name for pod in bad[:3]])])
        except (SiteError, json.JSONDecodeError) as error:
            return str(error)

    def _change(self, values: Values, command: Callable[[list[Any], Values], str]) -> None:
        self._values = None
        command([TEST_VALUES], values)
        self.settle()
        self._values = values

    def _settled(self) -> bool:
        return all(rolled_out(each) for each in self.deployments()) and not any(
            pod.terminating or not pod.ready for pod in self.pods()
        )

    def _list(self, group: str, kind: str, component: str | None = None) -> list[dict[str, Any]]:
        labels = f"{INSTANCE}={RELEASE}" + (f",{COMPONENT}={component}" if component else "")
        selector = labels.replace("=", "%3D").replace(",", "%2C").replace("/", "%2F")
        where = f"{group}/namespaces/{self.namespace}/{kind}?labelSelector={selector}"
        items: list[dict[str, Any]] = self.api.get(where)["items"]
        return items


_PASSING: Final = ("events", "endpoints", "endpointslices", "leases", "pods.metrics", "podmetrics", "replicasets")
