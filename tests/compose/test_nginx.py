"""nginx with the configuration of compose, in front of test services."""

import contextlib
import http.client
import itertools
import subprocess
from collections.abc import Iterator

import pytest

from loadtest.paths import ROOT
from loadtest.processes.ports import HOST, free_port
from tests.compose.edge import Edge, Names
from tests.compose.upstream import PATIENCE_S, Upstream
from tests.pacing import wait_until

GATEWAYS = ("127.0.0.2", "127.0.0.3")
SOCKETS = 64  # per address, as in nginx.conf
BURST = {"/ws/game/": 128, "/": 200}  # simultaneous requests per address, as in nginx.conf
TOO_MANY = 2_000  # more than the rates allow in the time of a test

_addresses = itertools.count(1)


class Site:
    """An nginx in front of two gateways and a web role, which are test services."""

    def __init__(self, edge: Edge, names: Names, gateways: list[Upstream], web: Upstream) -> None:
        self.edge = edge
        self.names = names
        self.gateways = gateways
        self.web = web

    def connect(self, address: str) -> http.client.HTTPSConnection:
        """Return a TLS connection from this address of loopback."""
        return http.client.HTTPSConnection(
            HOST, self.edge.port, timeout=PATIENCE_S, context=self.edge.trust, source_address=(address, 0)
        )

    def get(self, path: str, address: str, **headers: str) -> http.client.HTTPResponse:
        """Return the response to a request on a new connection."""
        with contextlib.closing(self.connect(address)) as connection:
            connection.request("GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            answer.read()
            return answer


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    subprocess.run([ROOT / ".ci" / "system-packages", "nginx", "openssl"], check=True)


@pytest.fixture(scope="module")
def lasting_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run one site for all tests. Each test uses another client address."""
    ports = {"gateway": free_port(), "web": free_port()}
    with contextlib.ExitStack() as stack:
        gateways = [stack.enter_context(Upstream(host, ports["gateway"]).running()) for host in GATEWAYS]
        web = stack.enter_context(Upstream(HOST, ports["web"]).running())
        names = stack.enter_context(Names({"gateway": GATEWAYS, "web": [HOST]}))
        edge = Edge(tmp_path_factory.mktemp("edge"), names, ports)
        stack.enter_context(edge.running())
        yield Site(edge, names, gateways, web)


@pytest.fixture
def site(lasting_site: Site) -> Iterator[Site]:
    """Return the site with services that return 200 at once and have recorded no requests."""
    for service in (*lasting_site.gateways, lasting_site.web):
        service.answer = (200, {})
        service.seen.clear()
    yield lasting_site
    for service in (*lasting_site.gateways, lasting_site.web):
        service.may_answer.set()


@pytest.fixture
def address() -> str:
    """Return a client address that no other test uses."""
    return f"127.0.1.{next(_addresses)}"


@pytest.mark.parametrize("path", ["/", "/static/web/site.css", "/ws/game/"])
def test_services_receive_the_real_address_and_scheme(site: Site, address: str, path: str) -> None:
    """The proxy overwrites forged headers and keeps the requested host."""
    forged = {"X_Forwarded_For": "203.0.113.9, 127.0.0.1", "X_Forwarded_Proto": "http"}
    site.get(f"{path}?forged", address, **forged)
    (seen,) = [headers for service in (*site.gateways, site.web) for headers in service.seen]
    assert [address] == seen.get_all("X-Forwarded-For")
    assert ["https"] == seen.get_all("X-Forwarded-Proto")
    assert [f"{HOST}:{site.edge.port}"] == seen.get_all("Host")


def test_sockets_go_to_the_gateways_and_carry_the_upgrade(site: Site, address: str) -> None:
    """Web receives no WebSocket requests."""
    site.get("/ws/game/", address, Connection="Upgrade", Upgrade="websocket")
    (seen,) = [headers for gateway in site.gateways for headers in gateway.seen]
    assert ("upgrade", "websocket") == (seen["Connection"], seen["Upgrade"])
    assert [] == site.web.seen


def test_a_refusing_gateway_is_skipped(site: Site, address: str) -> None:
    """The player does not receive its 503 if another gateway accepts the socket."""
    site.gateways[0].answer = (503, {})
    assert [200] * 8 == [site.get("/ws/game/", address).status for _ in range(8)]
    assert 8 == len(site.gateways[1].seen)
    assert 0 < len(site.gateways[0].seen)


def test_if_all_gateways_refuse_the_player_is_refused(site: Site, address: str) -> None:
    """The proxy tries each gateway once."""
    for gateway in site.gateways:
        gateway.answer = (503, {})
    assert 503 == site.get("/ws/game/", address).status
    assert [1, 1] == [len(gateway.seen) for gateway in site.gateways]


def test_sockets_per_address_are_limited(site: Site, address: str) -> None:
    """Other addresses are not affected."""
    for gateway in site.gateways:
        gateway.may_answer.clear()
    with contextlib.ExitStack() as stack:
        for _ in range(SOCKETS):
            connection = stack.enter_context(contextlib.closing(site.connect(address)))
            connection.request("GET", "/ws/game/")
        # Otherwise the request above the limit could arrive before the last allowed one.
        wait_until(lambda: sum(len(gateway.seen) for gateway in site.gateways) == SOCKETS)
        assert 429 == site.get("/ws/game/", address).status
        assert 200 == site.get("/", address).status
        for gateway in site.gateways:
            gateway.may_answer.set()
        assert 200 == site.get("/ws/game/", "127.0.2.1").status


@pytest.mark.parametrize("path", BURST)
def test_requests_per_address_are_limited(site: Site, address: str, path: str) -> None:
    """Above its burst an address is refused. Other addresses are not affected."""
    with contextlib.closing(site.connect(address)) as connection:
        answered = list(itertools.takewhile(lambda status: status == 200, _statuses(connection, path)))
    assert BURST[path] <= len(answered) < TOO_MANY
    assert 200 == site.get(path, "127.0.2.2").status


def test_a_static_file_is_cached(site: Site, address: str) -> None:
    """It is cached for the time in its headers, and the query does not matter."""
    site.web.answer = (200, {"Cache-Control": "max-age=315360000, public, immutable"})
    path = "/static/flotilla/kept.js"
    assert ["MISS", "HIT", "HIT"] == [
        site.get(target, address).headers["X-Cache-Status"] for target in (path, path, f"{path}?again")
    ]
    assert 1 == len(site.web.seen)


def test_an_expired_file_is_served_while_web_fails(site: Site, address: str) -> None:
    """A stale file is better than an error."""
    site.web.answer = (200, {"X-Accel-Expires": "@1"})  # a second after 1970: it is already expired
    path = "/static/flotilla/plain.js"
    assert 200 == site.get(path, address).status
    site.web.answer = (503, {})
    answer = site.get(path, address)
    assert (200, "STALE") == (answer.status, answer.headers["X-Cache-Status"])


def test_the_page_is_never_cached(site: Site, address: str) -> None:
    """It must refer to the files of the current version."""
    site.web.answer = (200, {"Cache-Control": "max-age=60, public"})
    for _ in range(2):
        site.get("/", address)
    assert 2 == len(site.web.seen)


def test_plain_http_is_redirected_to_https(site: Site) -> None:
    """Path and method are kept."""
    with contextlib.closing(http.client.HTTPConnection(HOST, site.edge.plain_port, timeout=PATIENCE_S)) as connection:
        connection.request("GET", "/a?b=c", headers={"Host": "flotilla.example"})
        answer = connection.getresponse()
    assert (308, "https://flotilla.example/a?b=c") == (answer.status, answer.headers["Location"])


def test_a_large_body_is_refused(site: Site, address: str) -> None:
    """The site has no uploads."""
    with contextlib.closing(site.connect(address)) as connection:
        connection.request("GET", "/", body=b"x" * 17_000)
        assert 413 == connection.getresponse().status
    assert [] == site.web.seen


def test_the_certificate_is_valid_for_all_hosts(site: Site) -> None:
    """A client that trusts it accepts the name and the address."""
    for name in ("localhost", HOST):
        connection = http.client.HTTPSConnection(name, site.edge.port, timeout=PATIENCE_S, context=site.edge.trust)
        with contextlib.closing(connection):
            connection.request("GET", "/")
            assert 200 == connection.getresponse().status


def _statuses(connection: http.client.HTTPSConnection, path: str) -> Iterator[int]:
    for _ in range(TOO_MANY):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        yield answer.status
