"""What befalls pods: killed, evicted, gone for a while. The gateways stay, and with them the players."""

import http
from typing import Final

from loadtest.judge.checks import Check, equal
from loadtest.processes.process import SiteError
from loadtest.scenarios.cluster_stage import HANG_S, SMALL_ARENAS, Layout, Scenario, Seen, Stage, merged
from loadtest.scenarios.rollout_checks import freeze, rolled, undisturbed
from loadtest.sites.kubernetes.pods import Pod

ALONE_S: Final = 5.0  # longest freeze when a tick is killed that has no spare
SPARE_S: Final = 2.5  # with one
GONE_S: Final = 20.0  # for which tick and Redis are away: several readiness probes long
EVICTION_S: Final = 120.0  # longest wait for a budget

_ALONE: Final = Layout(merged(SMALL_ARENAS, {"tick": {"spare": False}}))


def kill_tick(stage: Stage) -> Seen:
    """The tick deleted by force, which has no spare."""
    return _tick_killed(stage, ALONE_S)


def kill_tick_with_spare(stage: Stage) -> Seen:
    """The tick that leads deleted by force, a spare waits."""
    return _tick_killed(stage, SPARE_S)


def evict(stage: Stage) -> Seen:
    """Evictions of all gateways, one by one, as fast as the budget admits."""
    stage.join()
    stage.begin()
    refused = sum(_evicted(stage, pod) for pod in stage.site.pods("gateway"))
    stage.site.settle()
    stage.say("all evicted")
    seen, watch = stage.seen()
    checks = [
        *rolled(seen, watch),
        equal("gateways that ended", len(watch.ended), 2),
        Check("evictions that the budget refused at first", refused > 0, str(refused)),
    ]
    return Seen(checks, seen)


def tick_and_redis_gone(stage: Stage) -> Seen:
    """Tick and Redis gone for a while: every gateway stays Ready."""
    stage.join()
    stage.begin()
    for component in ("tick", "redis"):
        stage.site.scale(component, 0)
    stage.site.wait(lambda: not _pods(stage, "tick", "redis"), 60.0, "tick or Redis are not gone")
    stage.say("tick and Redis are gone")
    stage.calm(GONE_S)
    paused = equal("players who see the world stand still", stage.crowd.report().live, 0)
    ready = equal("gateways that are ready meanwhile", sum(pod.ready for pod in stage.site.pods("gateway")), 2)
    for component in ("redis", "tick"):
        stage.site.scale(component, 1)
    stage.site.settle()
    stage.say("tick and Redis are back")
    seen, watch = stage.seen()
    return Seen([*undisturbed(seen, watch), paused, ready], seen)


def _tick_killed(stage: Stage, bound_s: float) -> Seen:
    stage.join()
    leader = _leader(stage)
    stage.begin()
    stage.site.kubectl.run("delete", "pod", leader.name, "--force", "--grace-period=0", "--wait=false")
    stage.say(f"{leader.name} killed")
    stage.crowd.wait_renewed(stage.players, HANG_S)
    stage.say("everybody sees a new epoch")
    stage.site.settle()
    seen, watch = stage.seen()
    return Seen([*undisturbed(seen, watch, epochs=1), freeze(seen, bound_s)], seen)


def _leader(stage: Stage) -> Pod:
    found: list[Pod] = []

    def look() -> bool:
        leader = stage.site.leader()
        found.extend([leader] if leader else [])
        return bool(found)

    stage.site.wait(look, HANG_S, "no tick says that it moves the world")
    return found[0]


def _evicted(stage: Stage, pod: Pod) -> int:
    """Evict one; return how often the budget said that it must wait."""
    answers: list[int] = []

    def ask() -> bool:
        answers.append(stage.site.evict(pod))
        if answers[-1] not in {http.HTTPStatus.CREATED, http.HTTPStatus.OK, http.HTTPStatus.TOO_MANY_REQUESTS}:
            raise SiteError(f"The eviction of {pod.name} was answered with {answers[-1]}.")
        return answers[-1] != http.HTTPStatus.TOO_MANY_REQUESTS

    stage.site.wait(ask, EVICTION_S, f"{pod.name} may not be evicted")
    stage.say(f"{pod.name} evicted after {len(answers) - 1} refusals")
    return len(answers) - 1


def _pods(stage: Stage, *components: str) -> list[Pod]:
    return [pod for component in components for pod in stage.site.pods(component)]


ALL: Final = (
    Scenario("tick-kill-spare", kill_tick_with_spare),
    Scenario("evictions", evict),
    Scenario("tick-kill", kill_tick, _ALONE),
    Scenario("tick-redis-gone", tick_and_redis_gone, _ALONE),
)
