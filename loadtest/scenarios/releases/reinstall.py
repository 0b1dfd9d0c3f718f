"""A release that is uninstalled and installed again under the same name."""

from typing import Final

from loadtest.judge.checks import Check, equal, only_codes
from loadtest.scenarios.rollout_checks import RESTART
from loadtest.scenarios.stage import ClusterStage, Scenario, Seen
from loadtest.sites.kubernetes.shared_release import SMALL_ARENAS, ReleaseLayout


def reinstall(stage: ClusterStage) -> Seen:
    """Uninstall and install again. The release adopts the kept Secret, and players reconnect."""
    site = stage.site
    stage.join()
    before = site.secrets()
    stage.begin()
    site.helm.uninstall()
    site.wait_gone()
    stage.log("uninstalled")
    left = site.secrets()
    site.install(dict(SMALL_ARENAS))
    stage.log("installed again")
    seen, _ = stage.seen()
    after = site.secrets()
    checks = [
        Check("a Secret was kept", bool(left) and left == before, ", ".join(sorted(left)) or "none"),
        Check("the new release has its values", after == before, ", ".join(sorted(after)) or "none"),
        equal("players who see the world move", seen.live, seen.players),
        equal("players who did not come back", seen.stayed_away, 0),
        only_codes(seen, {RESTART}),
    ]
    return Seen(checks, seen)


ALL: Final = (Scenario("reinstall", reinstall, cluster=ReleaseLayout()),)
