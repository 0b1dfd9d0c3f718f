"""Autoscaling: gateways come and go with the players, by the metric that they export."""

from typing import Final

from loadtest.judge.checks import Check, equal
from loadtest.scenarios.rollout_checks import rolled
from loadtest.scenarios.stage import ClusterStage, Scenario, Seen
from loadtest.sites.kubernetes.helm import Values, merged
from loadtest.sites.kubernetes.shared_release import SMALL_ARENAS, ReleaseLayout

TARGET: Final = 15  # connections of a gateway
FEWEST: Final = 2
MOST: Final = 3
STAYING: Final = 20  # players of two gateways
PASSING: Final = 25  # more players, of a third gateway
SWITCHED_S: Final = 5.0  # until a reset number of gateways would show
SCALE_S: Final = 180.0  # scrapes, periods of the adapter and the autoscaler, and a start

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


def by_connections(stage: ClusterStage) -> Seen:
    """An autoscaler on connections removes no gateway at its start, drains one when players leave, and adds one."""
    site = stage.site
    stage.site.tools.addons.start("custom-metrics")
    site.have(merged(SMALL_ARENAS, _SCRAPED, {"gateway": {"replicas": MOST}}))
    stage.join(players=STAYING)
    passing = stage.join(players=PASSING)
    stage.begin()
    site.have(merged(SMALL_ARENAS, _SCRAPED, _SCALED))
    stage.calm(SWITCHED_S)
    kept = equal("gateways after autoscaling was enabled over as many", _ready(stage), MOST)
    stage.log("autoscaling is enabled")
    passing.leave()
    stage.log(f"{PASSING} players left")
    site.wait(lambda: len(site.pods("gateway")) == FEWEST, SCALE_S, "no gateway was removed")
    stage.log(f"{FEWEST} gateways")
    seen, history = stage.seen()
    stage.join(players=PASSING)
    site.wait(lambda: _ready(stage) == MOST, SCALE_S, "no gateway was added")
    stage.log(f"{MOST} gateways again")
    checks = [
        kept,
        Check("most gateways at a time", history.most_gateways == MOST, str(history.most_gateways)),
        *rolled(seen, history, ended=MOST - FEWEST),
        Check("drained players", bool(seen.closes), str(sum(seen.closes.values()))),
    ]
    return Seen(checks, seen)


def _ready(stage: ClusterStage) -> int:
    return sum(pod.ready and not pod.terminating for pod in stage.site.pods("gateway"))


ALL: Final = (Scenario("autoscaling", by_connections, cluster=ReleaseLayout(), needs=frozenset({"custom-metrics"})),)
