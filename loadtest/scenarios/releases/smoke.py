"""The first steps of a new user, in a namespace with the Pod Security level `restricted`."""

import re
import time
from collections.abc import Callable
from typing import Final

from loadtest.judge.checks import Check, at_most, equal
from loadtest.scenarios import visitor
from loadtest.scenarios.attempt import attempt
from loadtest.scenarios.rollout_checks import rolled
from loadtest.scenarios.stage import ClusterStage, Scenario, Seen
from loadtest.sites.kubernetes.release import Release
from loadtest.sites.kubernetes.shared_release import ReleaseLayout

FIRST_FRAME_S: Final = 60.0  # after the begin of `helm install`, with images in the cluster
PATIENCE_S: Final = 120.0

_RELEASE: Final = ReleaseLayout(None, "smoke")


def install(stage: ClusterStage) -> Seen:
    """Install without values, into a namespace with Pod Security `restricted`."""
    site = stage.site
    begun = time.monotonic()
    site.helm.install()
    door = site.door()
    visitor.first_frame(door, PATIENCE_S)
    first_s = time.monotonic() - begun
    stage.log(f"the first frame, {first_s:.1f} s after the begin of helm install")
    site.settle()
    stage.log("all pods are ready")
    checks = [
        at_most("from helm install to the first frame", first_s, FIRST_FRAME_S, timed=False),
        attempt("a tutorial player flies through the Service", lambda: visitor.fly_as_in_the_tutorial(door)),
        attempt("a flotilla.v1 player flies through the Service", lambda: visitor.fly_v1(door)),
        attempt("helm test", site.test),
    ]
    return Seen(checks)


def upgrade(stage: ClusterStage) -> Seen:
    """Upgrade with a changed value, under players."""
    return _gateways_replaced(
        stage, lambda: stage.site.helm.upgrade(values={"config": {"FLOTILLA_ARENA_CAPACITY": "30"}})
    )


def restart(stage: ClusterStage) -> Seen:
    """Restart of the gateways (kubectl rollout restart), under players."""
    return _gateways_replaced(stage, lambda: stage.site.restart("gateway"))


def uninstall(stage: ClusterStage) -> Seen:
    """Uninstall."""
    _ensure_installed(stage)
    site = stage.site
    kept = {f"secret/{name}" for name in kept_secrets(site.helm.manifest())}
    site.helm.uninstall()
    site.wait_gone()
    return Seen(
        [
            Check("Secrets that the chart keeps", bool(kept), ", ".join(sorted(kept)) or "none"),
            equal("objects that are left", left(site), sorted(kept)),
        ]
    )


def left(site: Release) -> list[str]:
    """Return the objects in the namespace, without those of Kubernetes and of scenarios."""
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


def _gateways_replaced(stage: ClusterStage, change: Callable[[], object]) -> Seen:
    _ensure_installed(stage)
    stage.begin()
    change()
    stage.site.settle()
    stage.log("all gateways are new")
    seen, history = stage.seen()
    return Seen(rolled(seen, history, ended=2), seen)


def _ensure_installed(stage: ClusterStage) -> None:
    """Install, if this scenario runs without the first one."""
    if not stage.site.deployments():
        stage.site.helm.install()
        stage.site.settle()


def _not_ours(name: str) -> bool:
    return name in {"configmap/kube-root-ca.crt", "serviceaccount/default"} or name.startswith("service/door-")


ALL: Final = (
    Scenario("smoke-install", install, cluster=_RELEASE),
    Scenario("smoke-upgrade", upgrade, cluster=_RELEASE),
    Scenario("smoke-restart", restart, cluster=_RELEASE),
    Scenario("smoke-uninstall", uninstall, cluster=_RELEASE),
)
