"""NetworkPolicies, where the cluster enforces them: who is let in where, asked by pods that knock."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from loadtest.judge.checks import Check
from loadtest.scenarios.cluster_stage import SMALL_ARENAS, Scenario, Seen, Stage, merged
from loadtest.scenarios.rollout_checks import undisturbed
from loadtest.sites.kubernetes import manifests
from loadtest.sites.kubernetes.helm import Values
from loadtest.sites.kubernetes.pods import PRIVATE, PUBLIC, Pod

READY_S: Final = 60.0
KNOCK_S: Final = 3  # longest wait for a connection: a policy drops what it does not admit
REDIS: Final = "redis"  # the name of its port
REFUSED: Final = 1  # exit code of who was not let in
INGRESS: Final = {"role": "test-ingress"}
SCRAPER: Final = {"role": "test-scraper"}
STRANGER: Final = {"role": "test-stranger"}

_KNOCK: Final = f"""\
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), {KNOCK_S}).close()
except OSError as error:
    print(type(error).__name__, error)
    sys.exit(1)
"""


def enforced(stage: Stage) -> Seen:
    """NetworkPolicies: public ports are open until they are narrowed; who is not named gets nowhere, in or out."""
    stage.tools.addons.start("network-policy")
    stage.site.have(SMALL_ARENAS)
    addresses = _callers(stage)
    stage.say("those who knock are there")
    stage.join()
    stage.begin()
    knocks = [*_open(stage, addresses)]
    stage.site.have(merged(SMALL_ARENAS, policy_values(stage.site.node_addresses())))
    stage.calm()  # until the policies are known
    stage.say("policies are narrowed")
    knocks += [*_narrowed(stage), *_outward(stage, addresses)]
    stage.site.restart("tick")
    stage.say("ticks restarted, whose connections to Redis are new")
    seen, watch = stage.seen()
    return Seen([*undisturbed(seen, watch), *knocks], seen)


def policy_values(nodes: Iterable[str]) -> Values:
    """Return the values that let in only whom they name and players by a node's port, and out to the scraper. Pure."""
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


def _callers(stage: Stage) -> dict[str, str]:
    """Have the pods that knock; return their addresses."""
    callers = {"ingress": INGRESS, "scraper": SCRAPER, "stranger": STRANGER}
    site = stage.site
    image = site.pods("gateway")[0].image
    site.kubectl.apply(*(manifests.caller(name, image, labels) for name, labels in callers.items()))
    for name in callers:
        site.kubectl.run("wait", f"pod/{name}", "--for=condition=Ready", f"--timeout={READY_S:g}s")
    found = (site.api.get(f"/api/v1/namespaces/{site.namespace}/pods/{name}") for name in callers)
    return dict(zip(callers, (each["status"]["podIP"] for each in found), strict=True))


def _open(stage: Stage, addresses: Mapping[str, str]) -> Iterator[Check]:
    """Knock as long as nobody is named."""
    gateway, web, tick, redis = _one_each(stage)
    yield _knock(stage, "stranger", gateway, PUBLIC, admitted=True)
    yield _knock(stage, "stranger", web, PUBLIC, admitted=True)
    yield _knock(stage, "stranger", tick, PRIVATE, admitted=False)
    yield _knock(stage, "stranger", redis, REDIS, admitted=False)
    yield _knock_at(stage, "ingress", addresses["scraper"], "ingress reaches the scraper", admitted=True)
    for pod in (gateway, web, tick):
        yield _knock_at(stage, pod.name, addresses["scraper"], f"{pod.component} reaches no other pod", admitted=False)


def _narrowed(stage: Stage) -> Iterator[Check]:
    gateway, web, tick, redis = _one_each(stage)
    for name, pod, port, admitted in (
        ("ingress", gateway, PUBLIC, True),
        ("ingress", web, PUBLIC, True),
        ("ingress", gateway, PRIVATE, False),
        ("scraper", gateway, PRIVATE, True),
        ("scraper", web, PRIVATE, True),
        ("scraper", tick, PRIVATE, True),
        ("scraper", redis, REDIS, False),
        ("stranger", redis, REDIS, False),
        ("stranger", gateway, PRIVATE, False),
        ("stranger", web, PRIVATE, False),
        ("stranger", tick, PRIVATE, False),
        ("stranger", gateway, PUBLIC, False),
    ):
        yield _knock(stage, name, pod, port, admitted=admitted)


def _outward(stage: Stage, addresses: Mapping[str, str]) -> Iterator[Check]:
    """Knock from our own pods, which may go to the scraper now."""
    gateway, web, tick, _ = _one_each(stage)
    for pod in (gateway, web, tick):
        name, component = pod.name, pod.component
        yield _knock_at(stage, name, addresses["scraper"], f"{component} reaches whom extraEgress names", admitted=True)
        yield _knock_at(stage, name, addresses["stranger"], f"{component} reaches nobody else", admitted=False)


def _one_each(stage: Stage) -> list[Pod]:
    return [stage.site.pods(component)[0] for component in ("gateway", "web", "tick", "redis")]


def _knock(stage: Stage, name: str, pod: Pod, port: str, *, admitted: bool) -> Check:
    what = f"{name} {'reaches' if admitted else 'does not reach'} the {port} port of {pod.component}"
    return _knock_at(stage, name, pod.address, what, port=pod.ports[port], admitted=admitted)


def _knock_at(
    stage: Stage, name: str, address: str, what: str, *, port: int = manifests.LISTENS, admitted: bool
) -> Check:
    code, told = stage.site.kubectl.python(name, _KNOCK, address, str(port))
    answer = told.strip().splitlines()[0] if told.strip() else ""
    refused = code == REFUSED and answer.startswith("TimeoutError")  # a policy drops; anything else is another fault
    return Check(what, code == 0 if admitted else refused, answer or "connected")


ALL: Final = (Scenario("network-policies", enforced, needs=frozenset({"network-policy"})),)
