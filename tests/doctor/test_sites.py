"""app/doctor/: every wrong or missing server gives a finding, in limited time."""

import socket
import ssl
from pathlib import Path

import pytest

from app.doctor import page, websocket
from app.doctor.finding import Finding, Verdict, plain
from app.doctor.site import Site
from app.doctor.timeout import run_within
from app.settings.address import Address
from tests.doctor.servers import Answer, http, listening, sending

GAME = '<script defer src="/flotilla-game.js"></script><flotilla-game></flotilla-game>'


def site(port: int, scheme: str = "http") -> Site:
    return Site.parse(f"{scheme}://127.0.0.1:{port}/")


def first(findings: list[Finding]) -> Finding:
    return findings[0]


@pytest.mark.parametrize(
    ("answer", "seen", "remedy"),
    [
        (http("200 OK", "<h1>Welcome to nginx!</h1>"), "another page", "where the proxy sends"),
        (http("400 Bad Request"), "400", "FLOTILLA_ALLOWED_HOSTS"),
        (http("502 Bad Gateway"), "502", "start the web role"),
        (http("301 Moved", "", "Location: /"), "redirects to itself", "FLOTILLA_TRUST_FORWARDED_PROTO"),
        (http("301 Moved", "", "Location: file:///etc/passwd"), "301", "log"),
        (http("301 Moved", "", "Location: http://[/"), "not HTTP", "which program listens"),
        (http("500 \x1b[31mRed\x07"), "500", "log"),
        (sending(b"SSH-2.0-OpenSSH\r\n"), "not HTTP", "which program listens"),
        (sending(b""), "closed connection", "log"),
        (sending(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\nshort"), "another page", "where the proxy sends"),
        (sending(b"\x00" * 70_000), "not HTTP", "which program listens"),
    ],
)
def test_a_wrong_page_is_explained(answer: Answer, seen: str, remedy: str) -> None:
    """The finding has the answer and a remedy, in printable characters."""
    with listening(answer) as port:
        findings, reached = page.check_page(site(port))
        found = first(findings)
        assert Verdict.FAIL is found.verdict
        assert seen in found.seen
        assert remedy in found.remedy
        assert str(found).isprintable()
        assert site(port) == reached


def test_a_page_whose_script_is_missing_fails() -> None:
    """The page opens, but has no game."""

    def answer(peer: socket.socket) -> None:
        path = peer.recv(65_536).split(b" ")[1]
        reply = http("200 OK", GAME) if path == b"/" else http("404 Not Found")
        client, server = socket.socketpair()
        with client, server:
            client.sendall(b"GET")
            reply(server)
            peer.sendall(client.recv(65_536))

    with listening(answer) as port:
        there, missing = page.check_page(site(port))[0]
        assert (Verdict.OK, Verdict.FAIL) == (there.verdict, missing.verdict)
        assert "collectstatic" in missing.remedy


@pytest.mark.parametrize(
    ("answer", "seen", "remedy"),
    [
        (http("200 OK", GAME), "200", "Upgrade"),
        (http("403 Forbidden"), "403", "FLOTILLA_ALLOWED_HOSTS"),
        (http("404 Not Found"), "404", "send /ws/"),
        (http("503 Service Unavailable"), "503", "drains"),
        (sending(b"SSH-2.0-OpenSSH\r\n"), "", "log"),
        (sending(b""), "", "log"),
        (sending(b"\x00" * 70_000), "", "log"),
    ],
)
def test_a_wrong_socket_is_explained(answer: Answer, seen: str, remedy: str) -> None:
    """The finding has the status of the handshake, or the error instead of one."""
    with listening(answer) as port:
        refused, frame = websocket.check_socket(site(port))
        assert (Verdict.FAIL, Verdict.SKIPPED) == (refused.verdict, frame.verdict)
        assert seen in refused.seen
        assert remedy in refused.remedy
        assert str(refused).isprintable()


def test_a_closed_port_is_explained() -> None:
    """The finding is the same for page and socket."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert "nothing listens" in first(page.check_page(site(port))[0]).seen
    assert "nothing listens" in first(websocket.check_socket(site(port))).seen
    assert Verdict.SKIPPED is first(websocket.check_origin(site(port))).verdict


def test_a_server_that_never_answers_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step has a timeout."""
    monkeypatch.setattr(page, "TIMEOUT_S", 0.2)
    monkeypatch.setattr(websocket, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        assert "no answer in time" in first(page.check_page(site(port))[0]).seen
        assert "no answer in time" in first(websocket.check_socket(site(port))).seen


def test_endless_work_is_abandoned() -> None:
    """A server that sends single bytes restarts every other timeout. Results and errors are passed on."""
    waiting, other = socket.socketpair()
    with waiting, other:
        with pytest.raises(TimeoutError, match="longer than"):
            run_within(0.05, lambda: waiting.recv(1))
        other.send(b"!")
    assert 7 == run_within(5, lambda: 7)
    with pytest.raises(ZeroDivisionError):
        run_within(5, lambda: 1 // 0)


@pytest.mark.parametrize("to", ["https://a.example/ws/game/", "wss://a.example/ws/game/", "/elsewhere/", "http://["])
def test_a_redirect_of_the_socket_is_explained(to: str) -> None:
    """Browsers do not follow it, so the doctor does not either."""
    with listening(http("301 Moved Permanently", "", f"Location: {to}")) as port:
        socket_, frame = websocket.check_socket(site(port))
    assert "the handshake is answered with 301 Moved Permanently" == socket_.seen
    assert "no redirect" in socket_.remedy
    assert Verdict.SKIPPED is frame.verdict


def test_a_port_without_tls_is_explained() -> None:
    """The URL has https://, but the port serves plain HTTP."""
    with listening(http("400 Bad Request")) as port:
        found = first(page.check_page(site(port, "https"))[0])
        assert "does not use TLS" in found.seen
        assert "does not use TLS" in first(websocket.check_socket(site(port, "https"))).seen


def test_a_self_signed_certificate_is_explained(certificate: Path) -> None:
    """A browser would refuse it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def answer(peer: socket.socket) -> None:
        with context.wrap_socket(peer, server_side=True):
            pass

    with listening(answer) as port:
        for found in (
            first(page.check_page(site(port, "https"))[0]),
            first(websocket.check_socket(site(port, "https"))),
        ):
            assert "the certificate is refused (self" in found.seen
            assert "SSL_CERT_FILE" in found.remedy


def test_the_certificate_must_have_the_site_s_name(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --connect, too: name and SNI are the site's, not those of the address that is connected to."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    requested: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: requested.append(name)

    def answer(peer: socket.socket) -> None:
        with context.wrap_socket(peer, server_side=True) as secure:
            http("418 No")(secure)

    with listening(answer) as port:
        elsewhere = Site("https", "flotilla.example", reach=Address("127.0.0.1", port))
        assert "the certificate is refused (Hostname mismatch" in first(websocket.check_socket(elsewhere)).seen
        assert "418" in first(websocket.check_socket(site(port, "https"))).seen
    assert "flotilla.example" == requested[0]


@pytest.mark.parametrize(
    "url", ["", "example.org", "ftp://example.org", "http://", "http://a:b", "http://me@a.org", "http://["]
)
def test_a_wrong_address_of_a_page_is_refused(url: str) -> None:
    """A user name would be sent to an unknown server."""
    with pytest.raises(ValueError, match=r".*"):
        Site.parse(url)


def test_the_addresses_of_a_site_follow_from_one() -> None:
    """Page, WebSocket and Origin have one source. An address to bind becomes one to connect to."""
    found = Site.parse("https://Flotilla.example:8443/some/page?x=1")
    assert "https://flotilla.example:8443" == found.origin
    assert "wss://flotilla.example:8443/ws/game/" == found.game
    assert not found.local
    assert Address("flotilla.example", 8443) == found.reached_at
    assert Address("::1", 443) == Site.parse("https://[::1]/").reached_at
    assert "http://[::1]:80/" == Site.at(Address("::", 80)).page
    assert Site.at(Address("0.0.0.0", 8000)).local
    with pytest.raises(ValueError, match=r"8\.8\.8\.8:0"):
        Site.at(Address("8.8.8.8", 0))


def test_text_of_a_server_is_one_plain_line() -> None:
    """It cannot control the terminal, and its length is limited."""
    assert "a b c" == plain("a\nb\x1b c".replace("\x1b", ""))
    assert plain("\x1b[2J" + "x" * 1000).isprintable()
    assert len(plain("x" * 1000)) == 300
