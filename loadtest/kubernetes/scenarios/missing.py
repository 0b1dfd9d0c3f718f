"""What somebody forgot: it is said where they look, and mended without anything being installed anew."""

import secrets
from typing import Final

from loadtest.faults.verdict import Check, equal
from loadtest.kubernetes import visitor
from loadtest.kubernetes.scenarios.tried import tried
from loadtest.kubernetes.stage import HANG_S, SMALL_ARENAS, Layout, Scenario, Seen, Stage, merged

NAME: Final = "flotilla-key"
KEY: Final = "secret-key"
SAID_S: Final = 30.0  # until the cluster says what a pod waits for


def missing_secret(stage: Stage) -> Seen:
    """A Secret that is named but is not there: said by Helm's notes and by the pods, which wait; then it is made."""
    site = stage.site
    notes = site.helm.install(values=merged(SMALL_ARENAS, {"secretKey": {"existingSecret": NAME}}))
    site.wait(lambda: bool(_waiting(stage)), SAID_S, f"no pod says that {NAME} is missing")
    waiting = _waiting(stage)
    components = sorted({pod.component for pod in site.pods() if pod.name in waiting})
    restarts = sum(pod.restarts for pod in site.pods())
    stage.say("the pods say what is missing")
    site.kubectl.run("create", "secret", "generic", NAME, f"--from-literal={KEY}={secrets.token_hex(32)}")
    door = site.door()
    visitor.first_frame(door, HANG_S)
    site.settle()
    stage.say("it is there, and all pods are ready")
    return Seen(
        [
            Check("Helm's notes name it", NAME in notes, next(iter(_lines(notes)), "no word of it")),
            equal("components whose pods name it", components, ["gateway", "tick", "web"]),
            equal("containers that were started again meanwhile", restarts, 0),
            tried("a flotilla.v1 player flies once it is there", lambda: visitor.fly_v1(door)),
        ]
    )


def _waiting(stage: Stage) -> set[str]:
    """Return the pods that say so, once all that need it do."""
    pods = [pod for pod in stage.site.pods() if pod.component != "redis"]
    saying = {pod.name for pod in pods if f'secret "{NAME}" not found' in pod.trouble}
    return saying if len(saying) == len(pods) else set()


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if NAME in line]


ALL: Final = (Scenario("missing-secret", missing_secret, Layout(release="missing", values=None)),)
