"""Changes that make new pods. Players lose no ship, and each gateway that ends costs them one reconnect."""

from typing import Final

from loadtest.judge.checks import Check, equal
from loadtest.scenarios.attempt import attempt
from loadtest.scenarios.faults.gateway import restart_all
from loadtest.scenarios.faults.tick import ALONE
from loadtest.scenarios.rollout_checks import rolled, undisturbed
from loadtest.scenarios.stage import ClusterStage, Scenario, Seen
from loadtest.sites.kubernetes.helm import Values, merged
from loadtest.sites.kubernetes.shared_release import SMALL_ARENAS, ReleaseLayout
from loadtest.sites.kubernetes.tools import HELM_4, PREVIOUS

MORE: Final = 4  # gateways
USUAL: Final = 2
TICK_BACK_S: Final = 5.0  # longest freeze when a tick restarts without a spare
SPARE_S: Final = 2.5  # with one
REDIS_BACK_S: Final = 30.0  # longest freeze when Redis gets a new pod: nothing moves until it is ready

_ONCE: Final = ReleaseLayout(merged(SMALL_ARENAS, {"gateway": {"rollout": "once"}}))
_SHARED: Final = ReleaseLayout()


def scale_by_values(stage: ClusterStage) -> Seen:
    """Gateways 2 → 4 → 2 by values."""
    more = merged(SMALL_ARENAS, {"gateway": {"replicas": MORE}})
    seen, history = stage.observed(lambda: stage.site.have(more), f"{MORE} gateways")
    grown = [*undisturbed(seen, history), equal("gateways", history.most_gateways, MORE)]
    stage.spread()
    seen, history = stage.observed(lambda: stage.site.have(SMALL_ARENAS), f"{USUAL} gateways")
    return Seen([*grown, *rolled(seen, history, ended=MORE - USUAL)], seen)


def restart_once(stage: ClusterStage) -> Seen:
    """Restart of all gateways with `gateway.rollout: once`. Each player moves at most once."""
    seen = restart_all(stage)
    assert seen.observation is not None
    return seen.and_also(equal("most reconnects of a player", seen.observation.reconnects_max, 1))


def restart_tick(stage: ClusterStage) -> Seen:
    """Restart of the tick, and of its spare."""
    return _gateways_stay(stage, "tick", SPARE_S)


def restart_tick_alone(stage: ClusterStage) -> Seen:
    """Restart of a tick without a spare."""
    return _gateways_stay(stage, "tick", TICK_BACK_S)


def restart_web(stage: ClusterStage) -> Seen:
    """Restart of all web pods."""
    return _gateways_stay(stage, "web", 1.0)


def restart_redis(stage: ClusterStage) -> Seen:
    """Restart of the chart's Redis, which keeps no data."""
    return _gateways_stay(stage, "redis", REDIS_BACK_S)


def upgrade_and_roll_back(stage: ClusterStage) -> Seen:
    """Upgrade from an image whose internal versions are one lower, and rollback."""
    assert stage.site.tools.previous is not None
    ours = _images(stage)
    stage.site.have(merged(SMALL_ARENAS, image_values(stage.site.tools.previous)))
    stage.log(f"{stage.site.tools.previous} runs")
    stage.begin()
    stage.site.have(SMALL_ARENAS)
    stage.log("upgraded")
    upgraded = equal("images after the upgrade", _images(stage), ours)
    stage.site.rollback()
    stage.log("rolled back")
    back = equal("images after the rollback", _images(stage), [stage.site.tools.previous])
    seen, history = stage.seen()
    stage.site.have(SMALL_ARENAS)
    return Seen([*rolled(seen, history, ended=2 * USUAL), upgraded, back], seen)


def helm_4(stage: ClusterStage) -> Seen:
    """Helm 4: install, upgrade, rollback, test and uninstall, under players."""
    site = stage.site
    assert stage.site.tools.helm4 is not None
    site.helm.program = stage.site.tools.helm4
    site.install(dict(SMALL_ARENAS))
    stage.log("installed")
    stage.begin()
    site.have(merged(SMALL_ARENAS, {"config": {"FLOTILLA_LOG_LEVEL": "WARNING"}}))
    stage.log("upgraded")
    site.rollback()
    stage.log("rolled back")
    seen, history = stage.seen()
    checks = [
        *rolled(seen, history, ended=2 * USUAL),
        attempt("helm test", site.test),
        attempt("helm uninstall", site.helm.uninstall),
    ]
    site.wait_gone()
    return Seen(checks, seen)


def image_values(image: str) -> Values:
    """Return the values for an image. Pure."""
    repository, _, tag = image.rpartition(":")
    return {"image": {"repository": repository, "tag": tag}}


def _gateways_stay(stage: ClusterStage, component: str, bound_s: float) -> Seen:
    before = set(stage.site.names(component))
    seen, history = stage.observed(lambda: stage.site.restart(component), f"{component} restarted")
    old = before & set(stage.site.names(component))
    checks = [
        *undisturbed(seen, history),
        equal("old pods", sorted(old), []),
        stage.timed("longest freeze", seen.freeze.max, bound_s),
    ]
    if component == "tick":
        checks.append(Check("takeovers", bool(seen.epochs), str(len(seen.epochs))))
    return Seen(checks, seen)


def _images(stage: ClusterStage) -> list[str]:
    return sorted({pod.image for pod in stage.site.pods() if pod.component != "redis"})


ALL: Final = (
    Scenario("scale-values", scale_by_values, cluster=_SHARED),
    Scenario("restart-tick", restart_tick, cluster=_SHARED),
    Scenario("restart-web", restart_web, cluster=_SHARED),
    Scenario("restart-redis", restart_redis, cluster=_SHARED),
    Scenario("restart-tick-alone", restart_tick_alone, cluster=ALONE),
    Scenario("restart-once", restart_once, cluster=_ONCE),
    Scenario("upgrade-rollback", upgrade_and_roll_back, cluster=_SHARED, needs=frozenset({PREVIOUS})),
    Scenario("helm4", helm_4, cluster=ReleaseLayout(None, "helm4"), needs=frozenset({HELM_4})),
)
