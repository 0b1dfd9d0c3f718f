"""Every change that makes new pods. Players lose no ship, and each gateway that goes costs them one reconnect."""

from typing import Final

from loadtest.judge.checks import Check, equal
from loadtest.scenarios.cluster_stage import SMALL_ARENAS, Layout, Scenario, Seen, Stage, merged
from loadtest.scenarios.releases.tried import tried
from loadtest.scenarios.rollout_checks import freeze, rolled, undisturbed
from loadtest.sites.kubernetes.helm import Values
from loadtest.sites.kubernetes.tools import HELM_4, PREVIOUS

MORE: Final = 4  # gateways
USUAL: Final = 2
TICK_BACK_S: Final = 5.0  # longest freeze when a tick comes back without a spare
SPARE_S: Final = 2.5  # with one
REDIS_BACK_S: Final = 30.0  # longest freeze when Redis gets a new pod: it must be pulled up before anything moves

_ALONE: Final = Layout(merged(SMALL_ARENAS, {"tick": {"spare": False}}))


def scale_by_values(stage: Stage) -> Seen:
    """Gateways 2 → 4 → 2 by values."""
    stage.join()
    stage.begin()
    stage.site.have(merged(SMALL_ARENAS, {"gateway": {"replicas": MORE}}))
    stage.say(f"{MORE} gateways")
    seen, watch = stage.seen()
    grown = [*undisturbed(seen, watch), equal("gateways", watch.most_gateways, MORE)]
    stage.spread()
    stage.begin()
    stage.site.have(SMALL_ARENAS)
    stage.say(f"{USUAL} gateways")
    seen, watch = stage.seen()
    left = [equal("gateways that ended", len(watch.ended), MORE - USUAL)]
    return Seen([*grown, *rolled(seen, watch), *left], seen)


def restart_gateways(stage: Stage) -> Seen:
    """Restart of all gateways."""
    return _restarted(stage)


def restart_all_at_once(stage: Stage) -> Seen:
    """Restart of all gateways with `gateway.rollout: once`: everybody moves at most once."""
    seen = _restarted(stage)
    assert seen.observation is not None
    return Seen(
        [*seen.checks, equal("most reconnects of a player", seen.observation.reconnects_max, 1)], seen.observation
    )


def restart_tick(stage: Stage) -> Seen:
    """Restart of the tick, and of its spare."""
    return _gateways_stay(stage, "tick", SPARE_S)


def restart_tick_alone(stage: Stage) -> Seen:
    """Restart of a tick that has no spare."""
    return _gateways_stay(stage, "tick", TICK_BACK_S)


def restart_web(stage: Stage) -> Seen:
    """Restart of web."""
    return _gateways_stay(stage, "web", 1.0)


def restart_redis(stage: Stage) -> Seen:
    """Restart of the chart's Redis, which keeps nothing."""
    return _gateways_stay(stage, "redis", REDIS_BACK_S)


def upgrade_and_roll_back(stage: Stage) -> Seen:
    """Upgrade from an image whose internal versions are one lower, and roll back."""
    assert stage.tools.previous is not None
    ours = _images(stage)
    stage.site.have(merged(SMALL_ARENAS, image_values(stage.tools.previous)))
    stage.say(f"{stage.tools.previous} runs")
    stage.join()
    stage.begin()
    stage.site.have(SMALL_ARENAS)
    stage.say("upgraded")
    upgraded = equal("images after the upgrade", _images(stage), ours)
    stage.site.rollback()
    stage.say("rolled back")
    back = equal("images after the rollback", _images(stage), [stage.tools.previous])
    seen, watch = stage.seen()
    stage.site.have(SMALL_ARENAS)
    ended = equal("gateways that ended", len(watch.ended), 2 * USUAL)
    return Seen([*rolled(seen, watch), ended, upgraded, back], seen)


def helm_4(stage: Stage) -> Seen:
    """Helm 4: install, upgrade, roll back, test and uninstall, under players."""
    site = stage.site
    assert stage.tools.helm4 is not None
    site.helm.program = stage.tools.helm4
    site.install(dict(SMALL_ARENAS))
    stage.say("installed")
    stage.join()
    stage.begin()
    site.have(merged(SMALL_ARENAS, {"config": {"FLOTILLA_LOG_LEVEL": "WARNING"}}))
    stage.say("upgraded")
    site.rollback()
    stage.say("rolled back")
    seen, watch = stage.seen()
    checks = [
        *rolled(seen, watch),
        equal("gateways that ended", len(watch.ended), 2 * USUAL),
        tried("helm test", site.test),
        tried("helm uninstall", site.helm.uninstall),
    ]
    site.wait_gone()
    return Seen(checks, seen)


def image_values(image: str) -> Values:
    """Return the values that name an image by its whole name. Pure."""
    repository, _, tag = image.rpartition(":")
    return {"image": {"repository": repository, "tag": tag}}


def _restarted(stage: Stage) -> Seen:
    stage.join()
    stage.begin()
    stage.site.restart("gateway")
    stage.say("restarted")
    seen, watch = stage.seen()
    return Seen([*rolled(seen, watch), equal("gateways that ended", len(watch.ended), USUAL)], seen)


def _gateways_stay(stage: Stage, component: str, bound_s: float) -> Seen:
    stage.join()
    before = {pod.name for pod in stage.site.pods(component)}
    stage.begin()
    stage.site.restart(component)
    stage.say(f"{component} restarted")
    seen, watch = stage.seen()
    old = before & {pod.name for pod in stage.site.pods(component)}
    checks = [*undisturbed(seen, watch), equal("old pods", sorted(old), []), freeze(seen, bound_s)]
    if component == "tick":
        checks.append(Check("takeovers that were seen", bool(seen.epochs), str(len(seen.epochs))))
    return Seen(checks, seen)


def _images(stage: Stage) -> list[str]:
    return sorted({pod.image for pod in stage.site.pods() if pod.component != "redis"})


ALL: Final = (
    Scenario("scale-values", scale_by_values),
    Scenario("restart-gateway", restart_gateways),
    Scenario("restart-tick", restart_tick),
    Scenario("restart-web", restart_web),
    Scenario("restart-redis", restart_redis),
    Scenario("restart-tick-alone", restart_tick_alone, _ALONE),
    Scenario("restart-once", restart_all_at_once, Layout(merged(SMALL_ARENAS, {"gateway": {"rollout": "once"}}))),
    Scenario("upgrade-rollback", upgrade_and_roll_back, needs=frozenset({PREVIOUS})),
    Scenario("helm4", helm_4, Layout(release="helm4", values=None), needs=frozenset({HELM_4})),
)
