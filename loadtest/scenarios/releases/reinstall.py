"""A release that goes and comes back under the same name."""

from typing import Final

from loadtest.judge.checks import Check, equal, only_codes
from loadtest.scenarios.cluster_stage import SMALL_ARENAS, Scenario, Seen, Stage
from loadtest.scenarios.rollout_checks import RESTART


def reinstall(stage: Stage) -> Seen:
    """Uninstall and install again: the kept Secret is adopted, and players come back by themselves."""
    site = stage.site
    stage.join()
    before = site.secrets()
    stage.begin()
    site.helm.uninstall()
    site.wait_gone()
    stage.say("uninstalled")
    left = site.secrets()
    site.install(dict(SMALL_ARENAS))
    stage.say("installed again")
    seen, _ = stage.seen()
    after = site.secrets()
    checks = [
        Check("a Secret was kept", bool(left) and left == before, ", ".join(sorted(left)) or "none"),
        Check("the new release has its values", after == before, ", ".join(sorted(after)) or "none"),
        equal("players who see the world move", seen.live, seen.players),
        equal("players who stayed away", seen.stayed_away, 0),
        only_codes(seen, {RESTART}),
    ]
    return Seen(checks, seen)


ALL: Final = (Scenario("reinstall", reinstall),)
