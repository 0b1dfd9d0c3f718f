"""Installations of the chart: the first steps of a new user, a missing Secret, and the same name again.

The first steps (`SMOKE`) happen in a namespace with the Pod Security level `restricted`.
"""

import re
import secrets
import time
from collections.abc import Callable
from typing import Final

from loadtest.judge.checks import Check, at_most, equal, only_codes
from loadtest.scenarios import visitor
from loadtest.scenarios.attempt import attempt, flights
from loadtest.scenarios.rollout_checks import RESTART, rolled
from loadtest.scenarios.stage import ClusterStage, Scenario, Seen
from loadtest.sites.kubernetes.helm import merged
from loadtest.sites.kubernetes.release import Release
from loadtest.sites.kubernetes.shared_release import SMALL_ARENAS, ReleaseLayout

FIRST_FRAME_S: Final = 60.0  # after the begin of `helm install`, with images in the cluster
PATIENCE_S: Final = 120.0
KEY_SECRET: Final = "flotilla-key"  # noqa: S105  # the name of a Secret
KEY: Final = "secret-key"
NEED_KEY: Final = frozenset({"gateway", "tick", "web"})  # components
REPORTED_S: Final = 30.0  # until the cluster reports what a pod waits for

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
        *flights(door, " through the Service"),
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
    """Uninstall removes every object of the release."""
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


def missing_secret(stage: ClusterStage) -> Seen:
    """A Secret is missing. Helm's notes and the pods name it, the pods wait, and they start when it is created."""
    site = stage.site
    notes = site.helm.install(values=merged(SMALL_ARENAS, {"secretKey": {"existingSecret": KEY_SECRET}}))
    named = [line.strip() for line in notes.splitlines() if KEY_SECRET in line]
    site.wait(lambda: _waiting(stage) >= NEED_KEY, REPORTED_S, f"not all pods reported that {KEY_SECRET} is missing")
    stage.log("the pods report what is missing")
    stage.calm()
    crashed = {pod.problem for pod in site.pods() if pod.component in NEED_KEY and "CrashLoop" in pod.problem}
    site.kubectl.run("create", "secret", "generic", KEY_SECRET, f"--from-literal={KEY}={secrets.token_hex(32)}")
    door = site.door()
    visitor.first_frame(door, site.hang_s)
    site.settle()
    restarts = sum(pod.restarts for pod in site.pods())
    stage.log("it is created, and all pods are ready")
    return Seen(
        [
            Check("Helm's notes name it", bool(named), next(iter(named), "its name is not there")),
            equal("pods that crash without it", sorted(crashed), []),
            equal("restarts of containers until all are ready", restarts, 0),
            attempt("a flotilla.v1 player flies after it is created", lambda: visitor.fly_v1(door)),
        ]
    )


def reinstall(stage: ClusterStage) -> Seen:
    """Uninstall and install again. The release adopts the kept Secret, and players reconnect."""
    site = stage.site
    stage.join()
    before = site.secrets()
    stage.begin()
    site.helm.uninstall()
    site.wait_gone()
    stage.log("uninstalled")
    kept = site.secrets()
    site.install(dict(SMALL_ARENAS))
    stage.log("installed again")
    seen, _ = stage.seen()
    after = site.secrets()
    checks = [
        Check("a Secret was kept", bool(kept) and kept == before, ", ".join(sorted(kept)) or "none"),
        Check("the new release has its values", after == before, ", ".join(sorted(after)) or "none"),
        equal("players who see the world move", seen.live, seen.players),
        equal("players who did not come back", seen.stayed_away, 0),
        only_codes(seen, {RESTART}),
    ]
    return Seen(checks, seen)


def left(site: Release) -> list[str]:
    """Return the objects in the namespace, without the objects of Kubernetes and of scenarios."""
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


def _waiting(stage: ClusterStage) -> set[str]:
    """Return the components with a pod that waits for the Secret."""
    return {pod.component for pod in stage.site.pods() if f'secret "{KEY_SECRET}" not found' in pod.problem}


SMOKE: Final = (
    Scenario("smoke-install", install, cluster=_RELEASE),
    Scenario("smoke-upgrade", upgrade, cluster=_RELEASE),
    Scenario("smoke-restart", restart, cluster=_RELEASE),
    Scenario("smoke-uninstall", uninstall, cluster=_RELEASE),
)
ALL: Final = (
    Scenario("reinstall", reinstall, cluster=ReleaseLayout()),
    Scenario("missing-secret", missing_secret, cluster=ReleaseLayout(None, "missing")),
)
