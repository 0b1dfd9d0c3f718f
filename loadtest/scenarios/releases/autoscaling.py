"""Gateways that come and go with the players, by the metric that they export."""

from typing import Final

from loadtest.judge.checks import Check, equal
from loadtest.scenarios.cluster_stage import SMALL_ARENAS, Scenario, Seen, Stage, merged
from loadtest.scenarios.rollout_checks import rolled
from loadtest.sites.kubernetes.helm import Values

TARGET: Final = 15  # connections of a gateway
FEWEST: Final = 2
MOST: Final = 3
STAYING: Final = 20  # players: two gateways' worth
PASSING: Final = 25  # players who make it three
SWITCHED_S: Final = 5.0  # within which a number that was reset would show
SCALE_S: Final = 180.0  # scrapes, the adapter's and the autoscaler's rounds, and a start

_QUICK: Final[Values] = {
    "scaleUp": {"stabilizationWindowSeconds": 0, "policies": [{"type": "Pods", "value": 2, "periodSeconds": 15}]},
    "scaleDown": {"stabilizationWindowSeconds": 15, "policies": [{"type": "Pods", "value": 1, "periodSeconds": 15}]},
}
_SCRAPED: Final[Values] = {
    "monitoring": {"annotations": True},
    "networkPolicy": {"metricsFrom": [{"namespaceSelector": {}}]},
}
_SCALED: Final[Values] = {
    "gateway": {
        "autoscaling": {
            "hpa": True,
            "minReplicas": FEWEST,
            "maxReplicas": MOST,
            "connections": TARGET,
            "behavior": _QUICK,
        }
    },
}


def by_connections(stage: Stage) -> Seen:
    """An autoscaler on connections: switched on it takes no gateway away, drains one when players go, and adds one."""
    site = stage.site
    stage.tools.addons.start("custom-metrics")
    site.have(merged(SMALL_ARENAS, _SCRAPED, {"gateway": {"replicas": MOST}}))
    stage.join(players=STAYING)
    passing = stage.join(players=PASSING)
    stage.begin()
    site.have(merged(SMALL_ARENAS, _SCRAPED, _SCALED))
    stage.calm(SWITCHED_S)
    kept = equal("gateways after autoscaling was switched on over as many", _ready(stage), MOST)
    stage.say("autoscaling is switched on")
    passing.leave()
    stage.say(f"{PASSING} players left")
    site.wait(lambda: len(site.pods("gateway")) == FEWEST, SCALE_S, "no gateway was taken away")
    stage.say(f"{FEWEST} gateways")
    seen, watch = stage.seen()
    stage.join(players=PASSING)
    site.wait(lambda: _ready(stage) == MOST, SCALE_S, "no gateway was added")
    stage.say(f"{MOST} gateways again")
    checks = [
        kept,
        Check("gateways at most", watch.most_gateways == MOST, str(watch.most_gateways)),
        *rolled(seen, watch),
        equal("gateways that ended", len(watch.ended), MOST - FEWEST),
        Check("players whom it drained", bool(seen.closes), str(sum(seen.closes.values()))),
    ]
    return Seen(checks, seen)


def _ready(stage: Stage) -> int:
    return sum(pod.ready and not pod.terminating for pod in stage.site.pods("gateway"))


ALL: Final = (Scenario("autoscaling", by_connections, needs=frozenset({"custom-metrics"})),)
