"""Players who come by https, through an Ingress with a certificate from cert-manager, and what its timeouts do."""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, WebSocketException

from app.wire import inputs
from loadtest.judge.checks import Check, all_fly, equal, only_codes
from loadtest.players.door import Door
from loadtest.processes.process import SiteError
from loadtest.scenarios import visitor
from loadtest.scenarios.cluster_stage import HANG_S, SMALL_ARENAS, Layout, Scenario, Seen, Stage, merged
from loadtest.scenarios.releases.smoke import kept_secrets, left
from loadtest.scenarios.releases.tried import tried
from loadtest.scenarios.rollout_checks import GONE, RESTART, rolled, stayed_up
from loadtest.sites.kubernetes import manifests
from loadtest.sites.kubernetes.forwarder import Forwarder
from loadtest.sites.kubernetes.helm import Values
from loadtest.sites.kubernetes.pods import Pod

HOST: Final = "game.test"
BARE_HOST: Final = "bare.test"  # the same site without the preset's timeouts
SECRET: Final = "game-tls"  # noqa: S105  # the name of a Secret
ISSUED_S: Final = 60.0
IDLE_S: Final = 125.0  # twice nginx's own 60 s, and a little
SHORT_S: Final = "20s"
LONG_S: Final = "3600s"
RELOADED_S: Final = 35.0  # until an old worker with SHORT_S has cut its sockets, and their players are back
GONE_S: Final = 20.0  # longest end of what belonged to a Certificate
NEEDS: Final = frozenset({"nginx", "cert-manager"})
F5, RETIRED, NONE = "nginx-org", "ingress-nginx", "none"  # presets
FLAVORS: Final = {F5: "f5", RETIRED: "ingress-nginx"}

# A day between pings: where there is no tick either, nothing travels on a socket.
_NO_PINGS: Final[Values] = {
    "config": {"FLOTILLA_PING_INTERVAL_SECONDS": 86_400, "FLOTILLA_PING_TIMEOUT_SECONDS": 86_400}
}
_NO_TICK: Final[Values] = {"tick": {"replicas": 0}}

# The stand-in for ingress-nginx hears of endpoints every 5 s; the controller itself does at once.
_HEARS_LATE: Final[Values] = {"gateway": {"drain": {"waitSeconds": 8}}}


def play_f5(stage: Stage) -> Seen:
    """Through an Ingress with the preset nginx-org, by wss with the certificate that cert-manager issued."""
    return _played_by_https(stage, F5)


def play_retired(stage: Stage) -> Seen:
    """Through an Ingress with the preset ingress-nginx, by wss with the certificate that cert-manager issued."""
    return _played_by_https(stage, RETIRED)


def play_without_annotations(stage: Stage) -> Seen:
    """Through an Ingress with the preset none, by wss with a Certificate of the chart's own; then uninstall."""
    seen = _played_by_https(stage, NONE)
    site = stage.site
    kept = sorted(f"secret/{name}" for name in {*kept_secrets(site.helm.manifest()), SECRET})
    site.helm.uninstall()
    site.wait_gone()
    with contextlib.suppress(SiteError):  # what belonged to the Certificate goes a little later
        site.wait(lambda: left(site) == kept, GONE_S, "more is left")
    return Seen([*seen.checks, equal("objects that are left", left(site), kept)], seen.observation)


def idle_f5(stage: Stage) -> Seen:
    """A silent socket (no tick, no pings) outlives nginx's 60 s with the preset nginx-org, and dies without it."""
    return _idled(stage, F5)


def idle_retired(stage: Stage) -> Seen:
    """A silent socket (no tick, no pings) outlives nginx's 60 s with the preset ingress-nginx, and dies without it."""
    return _idled(stage, RETIRED)


def reload_long(stage: Stage) -> Seen:
    """A gateway goes behind a proxy that reloads (worker-shutdown-timeout an hour): the others' players stay."""
    door = _opened(stage, F5, LONG_S)
    stage.join(door)
    victim = stage.site.pods("gateway")[0]
    stage.begin()
    count = _connections(stage, victim)
    _gone(stage, victim)
    seen, watch = stage.seen()
    checks = [
        *rolled(seen, watch),
        equal("sockets closed, of those on the gateway that went", sum(seen.closes.values()), count),
    ]
    return Seen(checks, seen)


def reload_short(stage: Stage) -> Seen:
    """The same with a worker-shutdown-timeout of 20 s: the proxy cuts everybody, and all resume."""
    door = _opened(stage, F5, SHORT_S)
    stage.join(door)
    victim = stage.site.pods("gateway")[0]
    stage.begin()
    _gone(stage, victim)
    stage.calm(RELOADED_S)
    stage.site.settle()
    seen, watch = stage.seen()
    cut = seen.closes.get(str(GONE), 0)
    checks = [
        *all_fly(seen),
        only_codes(seen, {RESTART, GONE}),
        equal("reconnects beside one for each close", seen.reconnects - sum(seen.closes.values()), 0),
        *stayed_up(watch),
        Check("sockets that the proxy cut", cut > 0, str(cut)),
    ]
    return Seen(checks, seen)


def ingress_values(preset: str, issuer: str) -> Values:
    """Return the values of a site behind an Ingress with a certificate. Pure."""
    return merged(
        _HEARS_LATE if preset == RETIRED else {},
        {
            "ingress": {
                "enabled": True,
                "className": "nginx",
                "preset": preset,
                "hosts": [HOST],
                "tls": {"enabled": True},
            },
            "gateway": {
                "trustedProxies": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],  # wherever the proxy stands
                "socketsPerAddress": 0,  # all players here have one
            },
            "extraHosts": [BARE_HOST],
        },
        _certified(preset, issuer),
    )


def _certified(preset: str, issuer: str) -> Values:
    if preset == NONE:
        return {"certificate": {"enabled": True, "secretName": SECRET, "issuer": {"name": issuer}}}
    return {"ingress": {"tls": {"secretName": SECRET}, "certManager": {"clusterIssuer": issuer}}}


def _opened(stage: Stage, preset: str, shutdown: str | None = None, more: Values | None = None) -> Door:
    """Have the site behind a proxy and a certificate; return its door when it answers with that certificate."""
    addons = stage.tools.addons
    issuer = addons.issuer()
    address = addons.ingress() if preset == NONE else addons.nginx(FLAVORS[preset], shutdown)
    stage.site.have(merged(SMALL_ARENAS, ingress_values(preset, issuer.name), more or {}))
    door = Door(
        [f"wss://{address}/ws/game/"],
        headers=[("Host", HOST), ("Origin", f"https://{HOST}")],
        ca=str(issuer.authority),
        server_name=HOST,
    )
    stage.site.wait(lambda: SECRET in stage.site.api.ask(_secret(stage))[1], ISSUED_S, "there is no certificate")
    stage.say("the certificate is issued")
    stage.site.wait(lambda: _answers(door), ISSUED_S, "the Ingress does not answer with the certificate")
    return door


def _answers(door: Door) -> bool:
    try:
        visitor.opened(door, visitor.V1).close()
    except (OSError, WebSocketException):
        return False
    return True


def _secret(stage: Stage) -> str:
    return f"/api/v1/namespaces/{stage.site.namespace}/secrets/{SECRET}"


def _played_by_https(stage: Stage, preset: str) -> Seen:
    door = _opened(stage, preset)
    by_hand = [
        tried("a tutorial player flies", lambda: visitor.fly_as_in_the_tutorial(door)),
        tried("a flotilla.v1 player flies", lambda: visitor.fly_v1(door)),
        tried("helm test, through the Service and the Ingress", lambda: _tested(stage, preset, door)),
    ]
    stage.join(door)
    stage.begin()
    stage.site.restart("gateway")
    stage.say("gateways restarted")
    seen, watch = stage.seen()
    strangers = tried("without the authority nobody gets in", lambda: _refused(door))
    return Seen([*by_hand, *rolled(seen, watch), strangers], seen)


def _tested(stage: Stage, preset: str, door: Door) -> None:
    """Let the chart's tests come by the Ingress, too: its pods reach nginx at the node's address."""
    issuer = stage.tools.addons.issuer()
    node = stage.site.node_addresses()[0]
    with Forwarder(node, urlsplit(door.urls[0]).netloc) as forwarder:
        tests = {"tests": {"ingress": {"address": node, "port": forwarder.port, "caSecret": SECRET}}}
        stage.site.have(merged(SMALL_ARENAS, ingress_values(preset, issuer.name), tests))
        stage.site.test("service", "ingress")
    stage.say("helm test passed")


def _refused(door: Door) -> None:
    try:
        visitor.opened(Door(door.urls, headers=door.headers, server_name=HOST), visitor.V1).close()
    except OSError:
        return
    raise SiteError("a client that does not know the authority got in")


def _connections(stage: Stage, pod: Pod) -> int:
    return int(stage.site.samples(pod).get("flotilla_connections", 0))


def _gone(stage: Stage, victim: Pod) -> None:
    stage.site.kubectl.run("delete", "pod", victim.name, "--wait=false")
    stage.say(f"{victim.name} deleted")
    stage.site.wait(
        lambda: victim.name not in {pod.name for pod in stage.site.pods()}, HANG_S, f"{victim.name} is still there"
    )
    stage.site.settle()
    stage.say("it is gone, and another is ready")


@dataclass(slots=True)
class Idle:
    """A socket on which nothing is said, and how long it lived."""

    door: Door
    lived_s: float = 0.0
    alive: bool = False
    trouble: str = ""

    def run(self, patience_s: float) -> None:
        """Hold it until it dies, or for so long."""
        begun = time.monotonic()
        try:
            with visitor.opened(self.door, visitor.V1) as connection:
                connection.send(inputs.encode_hello())
                while (left := patience_s - (time.monotonic() - begun)) > 0:
                    connection.recv(timeout=left)  # STATUS at first, then nothing
        except TimeoutError:
            pass
        except (ConnectionClosed, OSError, WebSocketException) as error:
            self.trouble = str(error)
        self.lived_s = time.monotonic() - begun
        self.alive = not self.trouble


def _idled(stage: Stage, preset: str) -> Seen:
    door = _opened(stage, preset, more=_NO_PINGS)  # with a tick: without one no gateway would become ready
    bare = _bare(stage, preset, door)
    issuer = stage.tools.addons.issuer()
    stage.site.have(merged(SMALL_ARENAS, ingress_values(preset, issuer.name), _NO_PINGS, _NO_TICK))
    stage.say("no tick, no pings")
    sockets = [Idle(door), Idle(bare)]
    _together([lambda each=each: each.run(IDLE_S) for each in sockets])  # type: ignore[misc]  # bound by default
    kept, lost = sockets
    return Seen(
        [
            Check("a silent socket lives with the preset's timeouts", kept.alive, _life(kept)),
            Check("a silent socket dies without them", not lost.alive and lost.lived_s > 1, _life(lost)),
        ]
    )


def _life(idle: Idle) -> str:
    return f"{idle.lived_s:.0f} s" + (f", then {idle.trouble}" if idle.trouble else ", and longer")


def _bare(stage: Stage, preset: str, door: Door) -> Door:
    """Return the door of an Ingress of our own without the timeouts, with the same certificate."""
    service = stage.site.service("gateway")
    name, port = service["metadata"]["name"], service["spec"]["ports"][0]["port"]
    annotations = {"nginx.org/websocket-services": name} if preset == F5 else {}
    stage.site.kubectl.apply(manifests.ingress("bare", BARE_HOST, name, port, annotations, SECRET))
    bare = Door(door.urls, headers=[("Host", BARE_HOST), ("Origin", f"https://{HOST}")], ca=door.ca, server_name=HOST)
    stage.site.wait(lambda: _answers(bare), ISSUED_S, "the Ingress without timeouts does not answer")
    return bare


def _together(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


ALL: Final = (
    Scenario("wss-nginx-org", play_f5, needs=NEEDS),
    Scenario("reload-long", reload_long, needs=NEEDS),
    Scenario("reload-short", reload_short, needs=NEEDS),
    Scenario("idle-nginx-org", idle_f5, needs=NEEDS),
    Scenario("wss-ingress-nginx", play_retired, needs=NEEDS),
    Scenario("idle-ingress-nginx", idle_retired, needs=NEEDS),
    Scenario(
        "wss-none", play_without_annotations, Layout(release="certified"), needs=frozenset({"ingress", "cert-manager"})
    ),
)
