"""Disruptions of pods: evictions, and components that are away for a while."""

import http
from typing import Final

from loadtest.judge.checks import Check, equal
from loadtest.processes.process import SiteError
from loadtest.scenarios.faults.tick import ALONE
from loadtest.scenarios.rollout_checks import rolled, undisturbed
from loadtest.scenarios.stage import ClusterStage, Scenario, Seen
from loadtest.sites.kubernetes.pods import Pod
from loadtest.sites.kubernetes.shared_release import ReleaseLayout

GONE_S: Final = 20.0  # for which tick and Redis are away: longer than several readiness probes
EVICTION_S: Final = 120.0  # longest wait for a budget


def evict(stage: ClusterStage) -> Seen:
    """Evictions of all gateways, one by one, as fast as the budget allows."""
    stage.begin()
    refused = sum(_evicted(stage, pod) for pod in stage.site.pods("gateway"))
    stage.site.settle()
    stage.log("all gateways are evicted")
    seen, history = stage.seen()
    checks = [
        *rolled(seen, history, ended=2),
        Check("evictions that the budget refused at first", refused > 0, str(refused)),
    ]
    return Seen(checks, seen)


def tick_and_redis_gone(stage: ClusterStage) -> Seen:
    """Tick and Redis are away for a while. Every gateway stays Ready."""
    stage.begin()
    for component in ("tick", "redis"):
        stage.site.stop(component)
    stage.log("tick and Redis are away")
    stage.calm(GONE_S)
    paused = equal("players who see the world move meanwhile", stage.crowd.report().live, 0)
    ready = equal("ready gateways meanwhile", sum(pod.ready for pod in stage.site.pods("gateway")), 2)
    for component in ("redis", "tick"):
        stage.site.start(component)
    stage.log("tick and Redis are back")
    seen, history = stage.seen()
    return Seen([*undisturbed(seen, history), paused, ready], seen)


def _evicted(stage: ClusterStage, pod: Pod) -> int:
    """Evict a pod. Return how often its budget refused that."""
    answers: list[int] = []

    def request() -> bool:
        answers.append(stage.site.evict(pod))
        if answers[-1] not in {http.HTTPStatus.CREATED, http.HTTPStatus.OK, http.HTTPStatus.TOO_MANY_REQUESTS}:
            raise SiteError(f"The API answered {answers[-1]} to the eviction of {pod.name}.")
        return answers[-1] != http.HTTPStatus.TOO_MANY_REQUESTS

    stage.site.wait(request, EVICTION_S, f"the budget still refused to evict {pod.name}")
    stage.log(f"{pod.name} evicted after {len(answers) - 1} refusals")
    return len(answers) - 1


ALL: Final = (
    Scenario("evictions", evict, cluster=ReleaseLayout()),
    Scenario("tick-redis-gone", tick_and_redis_gone, cluster=ALONE),
)
