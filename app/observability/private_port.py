"""The operators' port: /livez, /readyz and /metrics by HTTP, served by threads.

A probe must get its answer while the event loop is stuck, so the port does not use the event loop. But its threads
share the interpreter with the game. So the number of connections, their rate and the time of each are bounded, and a
connection carries one request.
"""

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import make_wsgi_app

from app.observability.health import Health
from app.observability.pace import Pace
from app.observability.shared_page import SharedPage

MAX_CONNECTIONS: Final = 8  # at once: enough for two scrapers, two probes and a person with curl
DEADLINE_S: Final = 5.0  # seconds for a whole connection; a scrape takes milliseconds
CHECK_S: Final = 0.25  # seconds between two checks of the deadlines, and the longest time of stop()
PER_SECOND: Final = 100.0  # connections: each takes about 0.5 ms of the interpreter
BURST: Final = 20  # connections at once: all probes and scrapers of a platform may ask in the same moment
CUT_S: Final = 1.0  # seconds for the oldest connection to end when a new one needs its place

_METHODS: Final = ("GET", "HEAD")
_TEXT: Final = ("Content-Type", "text/plain; charset=utf-8")

logger = logging.getLogger(__name__)


class PrivatePortError(Exception):
    """The configured port cannot be opened; the message is one sentence with the remedy."""


class PrivatePort:
    """Serves the health and the metrics of this process."""

    def __init__(self, host: str, port: int, health: Health, explicit: bool) -> None:  # noqa: FBT001  # a fact about the address
        """Listen at `host` and `port` (0: any free port); with `explicit` a port that cannot be opened is an error."""
        self.address: str | None = None  # host:port, once it is open
        self._wanted = (host, port)
        self._explicit = explicit
        self._application = _application(health)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Open the port and serve. Raises PrivatePortError."""
        self.bind()
        self.serve()

    def bind(self) -> None:
        """Open the port, so that connections wait for serve(). Raises PrivatePortError."""
        host, port = self._wanted
        try:
            server = _Server(host, port, self._application)
        except OSError as error:
            self._report(error)
            return
        self._server = server
        self.address = _name(host, server.server_port)
        logger.info("private_port_open", extra={"address": self.address})

    def serve(self) -> None:
        """Serve in this process: after a fork, in the process of the caller."""
        if self._server is not None:
            self._thread = threading.Thread(
                target=self._server.serve_forever, args=(CHECK_S,), name="private-port", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Close the port; open connections end with the process."""
        server, self._server = self._server, None
        if server is not None:
            if self._thread is not None:
                server.shutdown()
            server.server_close()

    def _report(self, error: OSError) -> None:
        address = _name(*self._wanted)
        reason = error.strerror or str(error)
        if self._explicit:
            raise PrivatePortError(
                f"Cannot open the private port at {address} ({reason}): set FLOTILLA_PRIVATE_BIND to another address."
            ) from error
        remedy = "set FLOTILLA_PRIVATE_BIND to a free address"
        logger.warning("private_port_taken", extra={"address": address, "error": reason, "remedy": remedy})


class _Server(ThreadingMixIn, WSGIServer):
    """An HTTP server with a bounded number of connections, each with a deadline."""

    daemon_threads = True  # a peer must not delay the end of the process
    request_queue_size = 128  # connections that wait to be accepted; with the base class's 5 a probe may wait seconds

    def __init__(self, host: str, port: int, application: WSGIApplication) -> None:
        self.address_family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        self._pace = Pace(PER_SECOND, BURST)
        self._room = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._deadlines: dict[socket.socket, float] = {}  # by connection, oldest first
        super().__init__((str(address[0]), port), _Handler)
        self.set_app(application)

    def server_bind(self) -> None:
        """Bind without the DNS request of the base class, which may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve in a thread; if all are busy, cut the oldest connection. Those over the rate wait to be accepted."""
        self._pace.wait()
        if not self._room.acquire(blocking=False):
            self._cut(next(iter(self._deadlines.copy()), None))
            if not self._room.acquire(timeout=CUT_S):
                self.shutdown_request(request)
                return
        self._deadlines[request] = time.monotonic() + DEADLINE_S
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # the system cannot start a thread
            self._forget(request)
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._forget(request)

    def service_actions(self) -> None:
        """Cut overdue connections: the peer is silent, sends slowly or does not read."""
        now = time.monotonic()
        for request, deadline in self._deadlines.copy().items():
            if deadline < now:
                self._cut(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing: only broken connections reach this, since the application handles its own errors."""

    def _forget(self, request: socket.socket) -> None:
        self._deadlines.pop(request, None)
        self._room.release()

    def _cut(self, request: socket.socket | None) -> None:
        """Shut a connection down, so that its thread wakes up, closes it and ends."""
        if request is not None:
            with contextlib.suppress(OSError):  # it is closed already
                request.shutdown(socket.SHUT_RDWR)


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """Log nothing, since probes arrive every few seconds."""


def _application(health: Health) -> WSGIApplication:
    metrics = SharedPage(make_wsgi_app())

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        page = environ.get("PATH_INFO", "")
        if page not in {"/livez", "/readyz", "/metrics"}:
            return _respond(start, HTTPStatus.NOT_FOUND, "Not found: this port serves /livez, /readyz and /metrics.")
        if environ["REQUEST_METHOD"] not in _METHODS:
            return _respond(start, HTTPStatus.METHOD_NOT_ALLOWED, "Use GET or HEAD.", ("Allow", ", ".join(_METHODS)))
        if page == "/metrics":
            return metrics(environ, start)
        return _probe(start, health.alive if page == "/livez" else health.ready)

    def guarded(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        try:
            body = answer(environ, start)
        except Exception:
            logger.exception("private_port_failed")
            body = _respond(start, HTTPStatus.INTERNAL_SERVER_ERROR, "Failed: see the log for the reason.")
        return [] if environ["REQUEST_METHOD"] == "HEAD" else body

    return guarded


def _probe(start: StartResponse, problem: Callable[[], str | None]) -> Iterable[bytes]:
    sentence = problem()
    return _respond(start, HTTPStatus.OK if sentence is None else HTTPStatus.SERVICE_UNAVAILABLE, sentence or "ok")


def _respond(start: StartResponse, status: HTTPStatus, sentence: str, *headers: tuple[str, str]) -> Iterable[bytes]:
    body = f"{sentence}\n".encode()
    start(f"{status.value} {status.phrase}", [_TEXT, ("Content-Length", str(len(body))), *headers])
    return [body]


def _name(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
