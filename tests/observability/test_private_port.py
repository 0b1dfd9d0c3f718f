"""app/observability/private_port.py: probes and metrics by real HTTP, from friends and from strangers."""

import contextlib
import gzip
import http.client
import logging
import socket
import threading
import time
from collections.abc import Iterable, Iterator

import pytest
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from app.observability import private_port
from app.observability.health import Health
from app.observability.private_port import MAX_CONNECTIONS, PrivatePort, PrivatePortError
from tests.pacing import wait_until

HANG_S = 20.0  # longest wait before a test fails


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()


def ask(port: PrivatePort, path: str, method: str = "GET", **headers: str) -> Answer:
    """Send one request, with `accept_encoding` for Accept-Encoding."""
    assert port.address is not None
    with contextlib.closing(http.client.HTTPConnection(port.address, timeout=HANG_S)) as connection:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        return Answer(connection.getresponse())


def connect(port: PrivatePort) -> socket.socket:
    assert port.address is not None
    host, _, number = port.address.rpartition(":")
    return socket.create_connection((host, int(number)), timeout=HANG_S)


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def port(health: Health) -> Iterator[PrivatePort]:
    opened = PrivatePort("127.0.0.1", 0, health, explicit=True)
    opened.start()
    yield opened
    opened.stop()


def test_livez_reports_progress(port: PrivatePort, health: Health) -> None:
    """200 with "ok", then 503 with the sentence."""
    assert (200, b"ok\n") == (ask(port, "/livez").status, ask(port, "/livez").body)
    health.alive = lambda: "No progress for 7.0 s."  # type: ignore[method-assign]  # without waiting for it
    stuck = PrivatePort("127.0.0.1", 0, health, explicit=True)
    stuck.start()
    assert (503, b"No progress for 7.0 s.\n") == (ask(stuck, "/livez").status, ask(stuck, "/livez").body)
    stuck.stop()


def test_readyz_reports_the_reason(port: PrivatePort, health: Health) -> None:
    """The reason may change at any time; liveness is separate."""
    assert 200 == ask(port, "/readyz").status
    health.ready = lambda: "draining"
    assert (503, b"draining\n") == (ask(port, "/readyz").status, ask(port, "/readyz").body)
    assert 200 == ask(port, "/livez").status


def test_metrics_come_as_prometheus_text(port: PrivatePort) -> None:
    """The old format by default, with the product's metrics and the process's."""
    answer = ask(port, "/metrics")
    assert 200 == answer.status
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert b"\nflotilla_ships " in answer.body
    assert b"\nprocess_open_fds " in answer.body


def test_metrics_come_as_openmetrics_to_who_asks(port: PrivatePort) -> None:
    """As Prometheus does, also compressed."""
    accept = "application/openmetrics-text; version=1.0.0"
    answer = ask(port, "/metrics", accept=accept, accept_encoding="gzip")
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    families = text_string_to_metric_families(gzip.decompress(answer.body).decode())
    assert "flotilla_ships" in {family.name for family in families}


@pytest.mark.parametrize("path", ["/", "/livez/", "/metrics/x", "/favicon.ico", "/admin", "/%2e%2e/livez/../x"])
def test_there_is_nothing_else(port: PrivatePort, path: str) -> None:
    """404 for every method, with the names of the pages."""
    assert 404 == ask(port, path).status
    assert 404 == ask(port, path, "POST").status
    assert b"/readyz" in ask(port, path).body


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_only_reading_is_allowed(port: PrivatePort, path: str) -> None:
    """405 names the allowed methods; HEAD is GET without the body."""
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "BREW"):
        refused = ask(port, path, method)
        assert (405, "GET, HEAD") == (refused.status, refused.headers["Allow"])
    head = ask(port, path, "HEAD")
    assert (200, b"") == (head.status, head.body)


def test_silent_connections_do_not_keep_a_probe_waiting(port: PrivatePort) -> None:
    """More of them than there is room for: the oldest is cut, and no probe waits for a deadline."""
    with contextlib.ExitStack() as crowd:
        peers = [crowd.enter_context(connect(port)) for _ in range(3 * MAX_CONNECTIONS)]
        started = time.monotonic()
        assert 200 == ask(port, "/livez").status
        assert time.monotonic() - started < private_port.DEADLINE_S
        assert b"" == peers[0].recv(1)
    assert serving() <= MAX_CONNECTIONS


def test_a_dripping_connection_ends_at_its_deadline(port: PrivatePort, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte is a sign of life, but there is one deadline for all of them."""
    monkeypatch.setattr(private_port, "DEADLINE_S", 0.2)
    with connect(port) as peer:
        peer.settimeout(0.02)
        give_up = time.monotonic() + HANG_S
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < give_up:
                peer.send(b"G")
                with contextlib.suppress(TimeoutError):
                    assert b"" == peer.recv(1)
                    break
        assert time.monotonic() < give_up
    settle()


def test_a_connection_that_does_not_read_ends_at_its_deadline(
    port: PrivatePort, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its thread, which waits for room in the socket, ends without a log line."""
    monkeypatch.setattr(private_port, "DEADLINE_S", 0.2)
    with collected("flotilla_test", "x" * 30_000_000), socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        assert port.address is not None
        peer.connect(("127.0.0.1", int(port.address.rpartition(":")[2])))
        peer.send(b"GET /metrics HTTP/1.0\r\n\r\n")
        settle(at_least=1)
        settle()
    assert ("", "") == capfd.readouterr()


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\r\n\r\n",
        b"\r\n",
        b"GET\r\n\r\n",
        b"GET /livez HTTP/9.9.9\r\n\r\n",
        b"GET " + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /livez HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"GET /livez HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n",
    ],
)
def test_garbage_is_no_event(
    port: PrivatePort, garbage: bytes, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Without a log line, and the next request is answered."""
    with connect(port) as peer, contextlib.suppress(ConnectionError):
        peer.sendall(garbage)
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(4096):
            pass
    assert 200 == ask(port, "/livez").status
    assert [] == caplog.records
    assert ("", "") == capfd.readouterr()


def test_a_metric_that_fails_is_an_event(port: PrivatePort, caplog: pytest.LogCaptureFixture) -> None:
    """500 with a sentence; the traceback is in the log, not in the answer."""
    with collected("flotilla test", None):  # no metric has such a help text
        answer = ask(port, "/metrics")
    assert (500, b"Failed: see the log for the reason.\n") == (answer.status, answer.body)
    assert ["private_port_failed"] == [record.message for record in caplog.records]
    assert 200 == ask(port, "/metrics").status


def test_a_configured_port_must_open(port: PrivatePort) -> None:
    """If it is taken, one sentence names it and the remedy."""
    with pytest.raises(PrivatePortError) as refused:
        again(port, explicit=True).start()
    sentence = str(refused.value)
    assert sentence.startswith(f"Cannot open the private port at {port.address} (")
    assert sentence.endswith("): set FLOTILLA_PRIVATE_BIND to another address.")


def test_the_default_port_may_be_taken(port: PrivatePort, caplog: pytest.LogCaptureFixture) -> None:
    """Several processes on one machine: a warning, and on without."""
    second = again(port, explicit=False)
    second.start()
    assert second.address is None
    (record,) = caplog.records
    assert ("private_port_taken", logging.WARNING) == (record.message, record.levelno)
    assert port.address == vars(record)["address"]
    second.stop()


def test_an_unknown_host_is_reported_too() -> None:
    """A name that cannot be resolved is like a port that cannot be opened."""
    with pytest.raises(PrivatePortError, match=r"nowhere\.invalid:0"):
        PrivatePort("nowhere.invalid", 0, Health(), explicit=True).start()


def test_the_log_names_the_port(caplog: pytest.LogCaptureFixture) -> None:
    """With 0 the system chooses."""
    with caplog.at_level(logging.INFO):
        opened = PrivatePort("127.0.0.1", 0, Health(), explicit=True)
        opened.start()
    (record,) = caplog.records
    assert "private_port_open" == record.message
    assert opened.address == vars(record)["address"]
    assert not str(opened.address).endswith(":0")
    opened.stop()


def test_it_listens_on_ipv6(health: Health) -> None:
    """The address has brackets, as in a URL."""
    opened = PrivatePort("::1", 0, health, explicit=True)
    opened.start()
    assert str(opened.address).startswith("[::1]:")
    assert 200 == ask(opened, "/livez").status
    opened.stop()


def test_after_the_stop_the_port_is_free(health: Health) -> None:
    """Another process may have it at once; stopping twice does no harm."""
    opened = PrivatePort("127.0.0.1", 0, health, explicit=True)
    opened.start()
    ask(opened, "/livez")
    opened.stop()
    opened.stop()
    successor = again(opened, explicit=True)
    successor.start()
    assert 200 == ask(successor, "/livez").status
    successor.stop()


def test_a_port_that_is_only_bound_can_be_stopped(health: Health) -> None:
    """The parent of a web worker only binds."""
    bound = PrivatePort("127.0.0.1", 0, health, explicit=True)
    bound.bind()
    bound.stop()


def again(port: PrivatePort, *, explicit: bool) -> PrivatePort:
    """Return another one at the same address."""
    assert port.address is not None
    return PrivatePort("127.0.0.1", int(port.address.rpartition(":")[2]), Health(), explicit=explicit)


def serving() -> int:
    """Return the number of threads that serve a connection now."""
    return sum("process_request_thread" in thread.name for thread in threading.enumerate())


def settle(at_least: int = 0) -> None:
    """Wait until at least so many connections are served, or none."""
    wait_until(lambda: serving() >= at_least if at_least else not serving(), HANG_S)


@contextlib.contextmanager
def collected(name: str, documentation: str | None) -> Iterator[None]:
    """Add a metric to the registry."""

    class Collector:
        def collect(self) -> Iterable[Metric]:
            metric = Metric("flotilla_test", "", "gauge")
            metric.name, metric.documentation = name, documentation  # type: ignore[assignment]  # to break it
            return [metric]

        def describe(self) -> Iterable[Metric]:
            return []

    collector = Collector()
    REGISTRY.register(collector)  # type: ignore[arg-type]  # it has what a collector needs
    try:
        yield
    finally:
        REGISTRY.unregister(collector)  # type: ignore[arg-type]  # likewise
