"""NetworkPolicies, where the cluster enforces them: who is let in where, asked by pods that knock."""

from collections.abc import Iterable, Iterator
from typing import Final

from loadtest.faults.verdict import Check
from loadtest.kubernetes import manifests
from loadtest.kubernetes.helm import Values
from loadtest.kubernetes.pods import PRIVATE, PUBLIC, Pod
from loadtest.kubernetes.stage import SMALL_ARENAS, Scenario, Seen, Stage, merged
from loadtest.kubernetes.verdict import undisturbed

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
    """NetworkPolicies: ingress and scraper are let in where they belong, a stranger nowhere, and the game plays on."""
    stage.tools.addons.start("network-policy")
    stage.site.have(merged(SMALL_ARENAS, policy_values(stage.site.node_addresses())))
    callers = {"ingress": INGRESS, "scraper": SCRAPER, "stranger": STRANGER}
    image = stage.site.pods("gateway")[0].image
    stage.site.kubectl.apply(*(manifests.caller(name, image, labels) for name, labels in callers.items()))
    for name in callers:
        stage.site.kubectl.run("wait", f"pod/{name}", "--for=condition=Ready", f"--timeout={READY_S:g}s")
    stage.say("those who knock are there")
    stage.join()
    stage.begin()
    knocks = list(_knocks(stage))
    stage.site.restart("tick")
    stage.say("ticks restarted, whose connections to Redis are new")
    seen, watch = stage.seen()
    return Seen([*undisturbed(seen, watch), *knocks], seen)


def policy_values(nodes: Iterable[str]) -> Values:
    """Return the values that let in only whom they name, and players by a node's port. Pure."""
    return {
        "networkPolicy": {
            "ingressFrom": [
                {"podSelector": {"matchLabels": INGRESS}},
                *({"ipBlock": {"cidr": f"{address}/32"}} for address in nodes),
            ],
            "metricsFrom": [{"podSelector": {"matchLabels": SCRAPER}}],
        }
    }


def _knocks(stage: Stage) -> Iterator[Check]:
    site = stage.site
    gateway, web, tick, redis = (site.pods(component)[0] for component in ("gateway", "web", "tick", "redis"))
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


def _knock(stage: Stage, name: str, pod: Pod, port: str, *, admitted: bool) -> Check:
    code, told = stage.site.kubectl.python(name, _KNOCK, pod.address, str(pod.ports[port]))
    what = f"{name} {'reaches' if admitted else 'does not reach'} the {port} port of {pod.component}"
    answer = told.strip().splitlines()[0] if told.strip() else ""
    refused = code == REFUSED and answer.startswith("TimeoutError")  # a policy drops; anything else is another fault
    return Check(what, code == 0 if admitted else refused, answer or "connected")


ALL: Final = (Scenario("network-policies", enforced, needs=frozenset({"network-policy"})),)
