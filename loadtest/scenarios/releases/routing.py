"""Players who connect by https through an Ingress with a certificate from cert-manager, and its timeouts."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException

from app.wire import inputs
from loadtest.judge.checks import Check, all_fly, equal, only_codes
from loadtest.players.door import Door
from loadtest.processes.process import SiteError
from loadtest.scenarios import visitor
from loadtest.scenarios.attempt import attempt, flights
from loadtest.scenarios.releases.installs import kept_secrets, left
from loadtest.scenarios.rollout_checks import GONE, RESTART, one_reconnect_per_close, rolled, stayed_up
from loadtest.scenarios.stage import ClusterStage, Scenario, Seen
from loadtest.sites.kubernetes import manifests
from loadtest.sites.kubernetes.forwarder import forwarded
from loadtest.sites.kubernetes.helm import Values, merged
from loadtest.sites.kubernetes.shared_release import SMALL_ARENAS, ReleaseLayout

HOST: Final = "game.test"
BARE_HOST: Final = "bare.test"  # the same site without the preset's timeouts
SECRET: Final = "game-tls"  # noqa: S105  # the name of a Secret
ISSUED_S: Final = 60.0
IDLE_S: Final = 125.0  # more than twice the default 60 s of nginx
SHORT_S: Final = "20s"
LONG_S: Final = "3600s"
RELOADED_S: Final = 35.0  # until an old worker with SHORT_S has closed its sockets and their players are back
GONE_S: Final = 20.0  # longest end of the objects of a Certificate
NEEDS: Final = frozenset({"nginx", "cert-manager"})
F5, RETIRED, NONE = "nginx-org", "ingress-nginx", "none"  # presets
FLAVORS: Final = {F5: "f5", RETIRED: "ingress-nginx"}

# A day between pings: without a tick, too, a socket is silent.
_NO_PINGS: Final[Values] = {
    "config": {"FLOTILLA_PING_INTERVAL_SECONDS": 86_400, "FLOTILLA_PING_TIMEOUT_SECONDS": 86_400}
}
_NO_TICK: Final[Values] = {"tick": {"replicas": 0}}

# The nginx in the place of ingress-nginx updates endpoints every 5 s; the controller itself does at once.
_UPDATES_LATE: Final[Values] = {"gateway": {"drain": {"waitSeconds": 8}}}


def play_f5(stage: ClusterStage) -> Seen:
    """Through an Ingress with the preset nginx-org, by wss with a certificate of cert-manager."""
    return _played_by_https(stage, F5)


def play_retired(stage: ClusterStage) -> Seen:
    """Through an Ingress with the preset ingress-nginx, by wss with a certificate of cert-manager."""
    return _played_by_https(stage, RETIRED)


def play_without_annotations(stage: ClusterStage) -> Seen:
    """Through an Ingress with the preset none, by wss with a Certificate of the chart, then uninstall."""
    seen = _played_by_https(stage, NONE)
    site = stage.site
    kept = sorted(f"secret/{name}" for name in {*kept_secrets(site.helm.manifest()), SECRET})
    site.helm.uninstall()
    site.wait_gone()
    with contextlib.suppress(SiteError):  # objects of the Certificate end later
        site.wait(lambda: left(site) == kept, GONE_S, "more was left")
    return seen.and_also(equal("objects that are left", left(site), kept))


def idle_f5(stage: ClusterStage) -> Seen:
    """A silent socket (no tick, no pings) outlasts nginx's 60 s with the preset nginx-org, and not without it."""
    return _idled(stage, F5)


def idle_retired(stage: ClusterStage) -> Seen:
    """A silent socket (no tick, no pings) outlasts nginx's 60 s with the preset ingress-nginx, and not without it."""
    return _idled(stage, RETIRED)


def reload_long(stage: ClusterStage) -> Seen:
    """A gateway ends behind a proxy that reloads (worker-shutdown-timeout 1 h). Players of other gateways stay."""
    door = _opened(stage, F5, LONG_S)
    stage.join(door)
    stage.begin()
    victim = stage.site.names("gateway")[0]
    count = int(stage.site.samples(victim).get("flotilla_connections", 0))
    _end(stage, victim)
    seen, history = stage.seen()
    checks = [
        *rolled(seen, history),
        equal("closed sockets, of those on the gateway that ended", sum(seen.closes.values()), count),
    ]
    return Seen(checks, seen)


def reload_short(stage: ClusterStage) -> Seen:
    """A gateway ends behind a proxy that reloads (worker-shutdown-timeout 20 s). It closes all, and all resume."""
    door = _opened(stage, F5, SHORT_S)
    stage.join(door)
    stage.begin()
    _end(stage, stage.site.names("gateway")[0])
    stage.calm(RELOADED_S)
    stage.site.settle()
    seen, history = stage.seen()
    cut = seen.closes.get(str(GONE), 0)
    checks = [
        *all_fly(seen),
        only_codes(seen, {RESTART, GONE}),
        one_reconnect_per_close(seen),
        *stayed_up(history),
        Check("sockets that the proxy closed", cut > 0, str(cut)),
    ]
    return Seen(checks, seen)


def ingress_values(preset: str, issuer: str) -> Values:
    """Return the values of a site behind an Ingress with a certificate. Pure."""
    return merged(
        _UPDATES_LATE if preset == RETIRED else {},
        {
            "ingress": {
                "enabled": True,
                "className": "nginx",
                "preset": preset,
                "hosts": [HOST],
                "tls": {"enabled": True},
            },
            "gateway": {
                "trustedProxies": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],  # every place of the proxy
                "socketsPerAddress": 0,  # all players here share one
            },
            "extraHosts": [BARE_HOST],
        },
        _certified(preset, issuer),
    )


def _certified(preset: str, issuer: str) -> Values:
    if preset == NONE:
        return {"certificate": {"enabled": True, "secretName": SECRET, "issuer": {"name": issuer}}}
    return {"ingress": {"tls": {"secretName": SECRET}, "certManager": {"clusterIssuer": issuer}}}


def _opened(stage: ClusterStage, preset: str, shutdown: str | None = None, more: Values | None = None) -> Door:
    """Put the site behind a proxy with a certificate. Return its door when it answers with that certificate."""
    addons = stage.site.tools.addons
    issuer = addons.issuer()
    address = addons.ingress() if preset == NONE else addons.nginx(FLAVORS[preset], shutdown)
    stage.site.have(merged(SMALL_ARENAS, ingress_values(preset, issuer.name), more or {}))
    door = Door(
        [f"wss://{address}/ws/game/"],
        headers=[("Host", HOST), ("Origin", f"https://{HOST}")],
        ca=str(issuer.authority),
        server_name=HOST,
    )
    path = f"/api/v1/namespaces/{stage.site.namespace}/secrets/{SECRET}"
    stage.site.wait(lambda: SECRET in stage.site.api.ask(path)[1], ISSUED_S, "there was no certificate")
    stage.log("there is a certificate")
    stage.site.wait(lambda: _answers(door), ISSUED_S, "the Ingress did not answer with the certificate")
    return door


def _answers(door: Door) -> bool:
    try:
        visitor.opened(door, visitor.V1).close()
    except (OSError, WebSocketException):
        return False
    return True


def _played_by_https(stage: ClusterStage, preset: str) -> Seen:
    door = _opened(stage, preset)
    by_hand = [
        *flights(door),
        attempt("helm test, through the Service and the Ingress", lambda: _tested(stage, preset, door)),
    ]
    stage.join(door)
    seen, history = stage.observed(lambda: stage.site.restart("gateway"), "gateways restarted")
    strangers = attempt("a client without the authority gets no socket", lambda: _refused(door))
    return Seen([*by_hand, *rolled(seen, history), strangers], seen)


def _tested(stage: ClusterStage, preset: str, door: Door) -> None:
    """Run the tests of the chart through the Ingress, too: their pods reach nginx at the node's address."""
    issuer = stage.site.tools.addons.issuer()
    node = stage.site.node_addresses()[0]
    with forwarded(node, urlsplit(door.urls[0]).netloc) as port:
        tests = {"tests": {"ingress": {"address": node, "port": port, "caSecret": SECRET}}}
        stage.site.have(merged(SMALL_ARENAS, ingress_values(preset, issuer.name), tests))
        stage.site.test("service", "ingress")
    stage.log("helm test passed")


def _refused(door: Door) -> None:
    try:
        visitor.opened(Door(door.urls, headers=door.headers, server_name=HOST), visitor.V1).close()
    except OSError:
        return
    raise SiteError("A client without the authority got a socket.")


def _end(stage: ClusterStage, gateway: str) -> None:
    stage.site.terminate(gateway)
    stage.log(f"{gateway} has ended")
    stage.site.settle()
    stage.log("another one is ready")


def _idled(stage: ClusterStage, preset: str) -> Seen:
    door = _opened(stage, preset, more=_NO_PINGS)  # with a tick: without one no gateway becomes ready
    bare = _bare(stage, preset, door)
    issuer = stage.site.tools.addons.issuer()
    stage.site.have(merged(SMALL_ARENAS, ingress_values(preset, issuer.name), _NO_PINGS, _NO_TICK))
    stage.log("no tick, no pings")
    with ThreadPoolExecutor() as threads:
        (kept_s, kept_error), (lost_s, lost_error) = threads.map(_silent, [door, bare])
    kept, lost = f"{kept_s:.0f} s, {kept_error or 'and longer'}", f"{lost_s:.0f} s, {lost_error or 'and longer'}"
    return Seen(
        [
            Check("a silent socket stays open with the preset's timeouts", not kept_error, kept),
            Check("a silent socket does not stay open without them", bool(lost_error) and lost_s > 1, lost),
        ]
    )


def _silent(door: Door) -> tuple[float, str]:
    """Keep a silent socket open for IDLE_S. Return how long it was open in s, and the error if it closed."""
    begun, error = time.monotonic(), ""
    try:
        with visitor.opened(door, visitor.V1) as connection:
            connection.send(inputs.encode_hello())
            while (left_s := IDLE_S - (time.monotonic() - begun)) > 0:
                connection.recv(timeout=left_s)  # first STATUS, then nothing
    except TimeoutError:
        pass
    except (OSError, WebSocketException) as closed:
        error = str(closed) or repr(closed)
    return time.monotonic() - begun, error


def _bare(stage: ClusterStage, preset: str, door: Door) -> Door:
    """Create an Ingress without the timeouts, with the same certificate. Return its door."""
    service = stage.site.service("gateway")
    name, port = service["metadata"]["name"], service["spec"]["ports"][0]["port"]
    annotations = {"nginx.org/websocket-services": name} if preset == F5 else {}
    stage.site.kubectl.apply(manifests.ingress("bare", BARE_HOST, name, port, annotations, SECRET))
    bare = Door(door.urls, headers=[("Host", BARE_HOST), ("Origin", f"https://{HOST}")], ca=door.ca, server_name=HOST)
    stage.site.wait(lambda: _answers(bare), ISSUED_S, "the Ingress without timeouts did not answer")
    return bare


_SHARED: Final = ReleaseLayout()
_CERTIFIED: Final = ReleaseLayout(release="certified")

ALL: Final = (
    Scenario("wss-nginx-org", play_f5, cluster=_SHARED, needs=NEEDS),
    Scenario("reload-long", reload_long, cluster=_SHARED, needs=NEEDS),
    Scenario("reload-short", reload_short, cluster=_SHARED, needs=NEEDS),
    Scenario("idle-nginx-org", idle_f5, cluster=_SHARED, needs=NEEDS),
    Scenario("wss-ingress-nginx", play_retired, cluster=_SHARED, needs=NEEDS),
    Scenario("idle-ingress-nginx", idle_retired, cluster=_SHARED, needs=NEEDS),
    Scenario("wss-none", play_without_annotations, cluster=_CERTIFIED, needs=frozenset({"ingress", "cert-manager"})),
)
