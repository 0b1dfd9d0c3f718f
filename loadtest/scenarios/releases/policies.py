"""NetworkPolicies on a cluster that enforces them: pods try connections that they allow or forbid."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from loadtest.judge.checks import Check
from loadtest.scenarios.rollout_checks import undisturbed
from loadtest.scenarios.stage import ClusterStage, Scenario, Seen
from loadtest.sites.kubernetes import manifests
from loadtest.sites.kubernetes.helm import Values, merged
from loadtest.sites.kubernetes.pods import PRIVATE, PUBLIC, Pod
from loadtest.sites.kubernetes.shared_release import SMALL_ARENAS, ReleaseLayout

READY_S: Final = 60.0
CONNECT_S: Final = 3  # longest wait for a connection: a policy drops packets
REDIS: Final = "redis"  # the name of its port
REFUSED: Final = 1  # exit code of a pod without a connection
INGRESS: Final = {"role": "test-ingress"}
SCRAPER: Final = {"role": "test-scraper"}
STRANGER: Final = {"role": "test-stranger"}

_CONNECT: Final = f"""\
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), {CONNECT_S}).close()
except OSError as error:
    print(type(error).__name__, error)
    sys.exit(1)
"""


def enforced(stage: ClusterStage) -> Seen:
    """NetworkPolicies: public ports are open until a policy narrows them. Only named pods connect, in and out."""
    stage.site.tools.addons.start("network-policy")
    stage.site.have(SMALL_ARENAS)
    addresses = _callers(stage)
    stage.log("the pods that try connections are ready")
    stage.begin()
    attempts = [*_open(stage, addresses)]
    stage.site.have(merged(SMALL_ARENAS, policy_values(stage.site.node_addresses())))
    stage.calm()  # until the policies are in force
    stage.log("the policies are narrow")
    attempts += [*_narrowed(stage), *_outward(stage, addresses)]
    stage.site.restart("tick")
    stage.log("the ticks have restarted, with new connections to Redis")
    seen, history = stage.seen()
    return Seen([*undisturbed(seen, history), *attempts], seen)


def policy_values(nodes: Iterable[str]) -> Values:
    """Return values that allow named pods and players by a node's port in, and connections to the scraper out. Pure."""
    return {
        "networkPolicy": {
            "ingressFrom": [
                {"podSelector": {"matchLabels": INGRESS}},
                *({"ipBlock": {"cidr": f"{address}/32"}} for address in nodes),
            ],
            "metricsFrom": [{"podSelector": {"matchLabels": SCRAPER}}],
            "extraEgress": [
                {"to": [{"podSelector": {"matchLabels": SCRAPER}}], "ports": [{"port": manifests.LISTENS}]}
            ],
        }
    }


def _callers(stage: ClusterStage) -> dict[str, str]:
    """Start the pods that try connections. Return their addresses."""
    callers = {"ingress": INGRESS, "scraper": SCRAPER, "stranger": STRANGER}
    site = stage.site
    image = site.pods("gateway")[0].image
    site.kubectl.apply(*(manifests.caller(name, image, labels) for name, labels in callers.items()))
    for name in callers:
        site.kubectl.run("wait", f"pod/{name}", "--for=condition=Ready", f"--timeout={READY_S:g}s")
    found = (site.api.get(f"/api/v1/namespaces/{site.namespace}/pods/{name}") for name in callers)
    return dict(zip(callers, (each["status"]["podIP"] for each in found), strict=True))


def _open(stage: ClusterStage, addresses: Mapping[str, str]) -> Iterator[Check]:
    """Try connections before a policy names pods."""
    gateway, web, tick, redis = _one_each(stage)
    for pod, port, admitted in (
        (gateway, PUBLIC, True),
        (web, PUBLIC, True),
        (tick, PRIVATE, False),
        (redis, REDIS, False),
    ):
        yield _connects(stage, "stranger", pod, port, admitted=admitted)
    yield _connects_to(stage, "ingress", addresses["scraper"], "ingress reaches the scraper", admitted=True)
    for pod in (gateway, web, tick):
        what = f"{pod.component} reaches no other pod"
        yield _connects_to(stage, pod.name, addresses["scraper"], what, admitted=False)


def _narrowed(stage: ClusterStage) -> Iterator[Check]:
    gateway, web, tick, redis = _one_each(stage)
    for port, pods, callers in (
        (PUBLIC, (gateway, web), {"ingress": True}),
        (PRIVATE, (gateway,), {"ingress": False}),
        (PRIVATE, (gateway, web, tick), {"scraper": True, "stranger": False}),
        (REDIS, (redis,), {"scraper": False, "stranger": False}),
        (PUBLIC, (gateway,), {"stranger": False}),
    ):
        for name, admitted in callers.items():
            for pod in pods:
                yield _connects(stage, name, pod, port, admitted=admitted)


def _outward(stage: ClusterStage, addresses: Mapping[str, str]) -> Iterator[Check]:
    """Try connections from pods of the release, which may connect to the scraper now."""
    gateway, web, tick, _ = _one_each(stage)
    for pod in (gateway, web, tick):
        for target, what, admitted in (
            ("scraper", "reaches the pod that extraEgress names", True),
            ("stranger", "reaches no pod that it does not name", False),
        ):
            yield _connects_to(stage, pod.name, addresses[target], f"{pod.component} {what}", admitted=admitted)


def _one_each(stage: ClusterStage) -> list[Pod]:
    return [stage.site.pods(component)[0] for component in ("gateway", "web", "tick", "redis")]


def _connects(stage: ClusterStage, name: str, pod: Pod, port: str, *, admitted: bool) -> Check:
    what = f"{name} {'reaches' if admitted else 'does not reach'} the {port} port of {pod.component}"
    return _connects_to(stage, name, pod.address, what, port=pod.ports[port], admitted=admitted)


def _connects_to(
    stage: ClusterStage, name: str, address: str, what: str, *, port: int = manifests.LISTENS, admitted: bool
) -> Check:
    code, text = stage.site.kubectl.python(name, _CONNECT, address, str(port))
    answer = text.strip().splitlines()[0] if text.strip() else ""
    # A policy drops packets. Any other error is another fault.
    refused = code == REFUSED and answer.startswith("TimeoutError")
    return Check(what, code == 0 if admitted else refused, answer or "connected")


ALL: Final = (Scenario("network-policies", enforced, cluster=ReleaseLayout(), needs=frozenset({"network-policy"})),)
