"""What somebody forgot: it is said where they look, and mended without anything being installed anew."""

import secrets
from typing import Final

from loadtest.judge.checks import Check, equal
from loadtest.scenarios import visitor
from loadtest.scenarios.cluster_stage import HANG_S, SMALL_ARENAS, Layout, Scenario, Seen, Stage, merged
from loadtest.scenarios.releases.tried import tried

NAME: Final = "flotilla-key"
KEY: Final = "secret-key"
NEED_IT: Final = frozenset({"gateway", "tick", "web"})  # components
SAID_S: Final = 30.0  # until the cluster says what a pod waits for


def missing_secret(stage: Stage) -> Seen:
    """A Secret that is named but is not there: said by Helm's notes and by the pods, which wait; then it is made."""
    site = stage.site
    notes = site.helm.install(values=merged(SMALL_ARENAS, {"secretKey": {"existingSecret": NAME}}))
    site.wait(lambda: _saying(stage) >= NEED_IT, SAID_S, f"not all pods say that {NAME} is missing")
    stage.say("the pods say what is missing")
    stage.calm()
    trouble = {pod.trouble for pod in site.pods() if pod.component in NEED_IT and "CrashLoop" in pod.trouble}
    site.kubectl.run("create", "secret", "generic", NAME, f"--from-literal={KEY}={secrets.token_hex(32)}")
    door = site.door()
    visitor.first_frame(door, HANG_S)
    site.settle()
    restarts = sum(pod.restarts for pod in site.pods())
    stage.say("it is there, and all pods are ready")
    return Seen(
        [
            Check("Helm's notes name it", NAME in notes, next(iter(_lines(notes)), "no word of it")),
            equal("pods that crash for want of it", sorted(trouble), []),
            equal("containers that were started more than once until all are ready", restarts, 0),
            tried("a flotilla.v1 player flies once it is there", lambda: visitor.fly_v1(door)),
        ]
    )


def _saying(stage: Stage) -> set[str]:
    """Return the components of which some pod says so."""
    return {pod.component for pod in stage.site.pods() if f'secret "{NAME}" not found' in pod.trouble}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if NAME in line]


ALL: Final = (Scenario("missing-secret", missing_secret, Layout(release="missing", values=None)),)
