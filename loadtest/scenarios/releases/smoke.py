"""The way of a new user, in a namespace that admits no pod with more rights than it needs: install, upgrade, go."""

import re
import time
from typing import Final

from loadtest.judge.checks import Check, at_most, equal
from loadtest.scenarios import visitor
from loadtest.scenarios.cluster_stage import Layout, Scenario, Seen, Stage
from loadtest.scenarios.releases.tried import tried
from loadtest.scenarios.rollout_checks import rolled
from loadtest.sites.kubernetes.release import Site

FIRST_FRAME_S: Final = 60.0  # from `helm install` on, with images in the cluster
PATIENCE_S: Final = 120.0

_RELEASE: Final = Layout(release="smoke", values=None)


def install(stage: Stage) -> Seen:
    """Install without any values, into a namespace with Pod Security `restricted`."""
    site = stage.site
    begun = time.monotonic()
    site.helm.install()
    door = site.door()
    visitor.first_frame(door, PATIENCE_S)
    first_s = time.monotonic() - begun
    stage.say(f"the first frame, {first_s:.1f} s after helm install began")
    site.settle()
    stage.say("all pods are ready")
    checks = [
        at_most("helm install to first frame", first_s, FIRST_FRAME_S, timed=False),
        tried("a tutorial player flies through the Service", lambda: visitor.fly_as_in_the_tutorial(door)),
        tried("a flotilla.v1 player flies through the Service", lambda: visitor.fly_v1(door)),
        tried("helm test", site.test),
    ]
    return Seen(checks)


def upgrade(stage: Stage) -> Seen:
    """Upgrade with a changed value, under players."""
    _there(stage)
    stage.join()
    stage.begin()
    stage.site.helm.upgrade(values={"config": {"FLOTILLA_ARENA_CAPACITY": "30"}})
    stage.site.settle()
    stage.say("upgraded")
    seen, watch = stage.seen()
    return Seen([*rolled(seen, watch), equal("gateways that ended", len(watch.ended), 2)], seen)


def restart(stage: Stage) -> Seen:
    """Restart the gateways (kubectl rollout restart), under players."""
    _there(stage)
    stage.join()
    stage.begin()
    stage.site.restart("gateway")
    stage.say("restarted")
    seen, watch = stage.seen()
    return Seen([*rolled(seen, watch), equal("gateways that ended", len(watch.ended), 2)], seen)


def uninstall(stage: Stage) -> Seen:
    """Uninstall."""
    _there(stage)
    site = stage.site
    kept = {f"secret/{name}" for name in kept_secrets(site.helm.manifest())}
    site.helm.uninstall()
    site.wait_gone()
    return Seen(
        [
            Check("Secrets that the chart says it keeps", bool(kept), ", ".join(sorted(kept)) or "none"),
            equal("objects that are left", left(site), sorted(kept)),
        ]
    )


def left(site: Site) -> list[str]:
    """Return what is in the namespace, but for what is Kubernetes' own, or of these tests."""
    return sorted(each for each in site.objects() if not _not_ours(each))


def kept_secrets(manifest: str) -> set[str]:
    """Return the names of the Secrets of a manifest that stay after an uninstall. Pure."""
    found = set()
    for document in manifest.split("\n---"):
        if re.search(r"^kind: Secret$", document, re.MULTILINE) and _kept(document):
            name = re.search(r"^  name: \"?([^\s\"]+)", document, re.MULTILINE)
            found |= {name[1]} if name else set()
    return found


def _kept(document: str) -> bool:
    return bool(re.search(r"^\s+\"?helm\.sh/resource-policy\"?: \"?keep\"?\s*$", document, re.MULTILINE))


def _there(stage: Stage) -> None:
    """Install where this scenario is asked for alone."""
    if not stage.site.deployments():
        stage.site.helm.install()
        stage.site.settle()


def _not_ours(name: str) -> bool:
    return name in {"configmap/kube-root-ca.crt", "serviceaccount/default"} or name.startswith("service/door-")


ALL: Final = (
    Scenario("smoke-install", install, _RELEASE),
    Scenario("smoke-upgrade", upgrade, _RELEASE),
    Scenario("smoke-restart", restart, _RELEASE),
    Scenario("smoke-uninstall", uninstall, _RELEASE),
)
