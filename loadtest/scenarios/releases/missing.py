"""A forgotten Secret: Helm and the pods report it, and no new installation is necessary."""

import secrets
from typing import Final

from loadtest.judge.checks import Check, equal
from loadtest.scenarios import visitor
from loadtest.scenarios.attempt import attempt
from loadtest.scenarios.stage import ClusterStage, Scenario, Seen
from loadtest.sites.kubernetes.helm import merged
from loadtest.sites.kubernetes.shared_release import SMALL_ARENAS, ReleaseLayout

NAME: Final = "flotilla-key"
KEY: Final = "secret-key"
NEED_IT: Final = frozenset({"gateway", "tick", "web"})  # components
REPORTED_S: Final = 30.0  # until the cluster reports what a pod waits for


def missing_secret(stage: ClusterStage) -> Seen:
    """A Secret is missing. Helm's notes and the pods name it, the pods wait, and they start when it is created."""
    site = stage.site
    notes = site.helm.install(values=merged(SMALL_ARENAS, {"secretKey": {"existingSecret": NAME}}))
    site.wait(lambda: _waiting(stage) >= NEED_IT, REPORTED_S, f"not all pods reported that {NAME} is missing")
    stage.log("the pods report what is missing")
    stage.calm()
    crashed = {pod.problem for pod in site.pods() if pod.component in NEED_IT and "CrashLoop" in pod.problem}
    site.kubectl.run("create", "secret", "generic", NAME, f"--from-literal={KEY}={secrets.token_hex(32)}")
    door = site.door()
    visitor.first_frame(door, site.hang_s)
    site.settle()
    restarts = sum(pod.restarts for pod in site.pods())
    stage.log("it is created, and all pods are ready")
    return Seen(
        [
            Check("Helm's notes name it", NAME in notes, next(iter(_lines(notes)), "its name is not there")),
            equal("pods that crash without it", sorted(crashed), []),
            equal("restarts of containers until all are ready", restarts, 0),
            attempt("a flotilla.v1 player flies after it is created", lambda: visitor.fly_v1(door)),
        ]
    )


def _waiting(stage: ClusterStage) -> set[str]:
    """Return the components with a pod that waits for the Secret."""
    return {pod.component for pod in stage.site.pods() if f'secret "{NAME}" not found' in pod.problem}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if NAME in line]


ALL: Final = (Scenario("missing-secret", missing_secret, cluster=ReleaseLayout(None, "missing")),)
