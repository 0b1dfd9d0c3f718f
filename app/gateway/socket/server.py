"""Daphne for a public edge: limits before the handshake, prepared frames, correct close codes.

It subclasses Daphne's server and its protocol and patches nothing. The protocol is also the ASGI extension of its
socket.
"""

import logging
import math
from collections.abc import Callable, Sequence
from typing import Any

# isort: off
from app.gateway.socket import reactor as _installed  # noqa: F401  # first: it installs the reactor that Daphne then keeps
from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol

# isort: on
from autobahn.twisted.websocket import ConnectionDeny
from twisted.internet import defer, reactor
from twisted.python.failure import Failure

from app.gateway.gateway import Gateway
from app.gateway.player.controls import Receiver
from app.gateway.socket import handover
from app.gateway.socket.client_address import Network, client_address, is_trusted
from app.gateway.socket.endpoint import EXTENSION
from app.gateway.socket.game_socket import GameSocket
from app.gateway.socket.release import release
from app.gateway.socket.transport_sink import TransportSink
from app.observability import metrics

MAX_MESSAGE_BYTES = 1024  # longest message of a client (docs/protocol.md, "Limits")
HTTP_UNAVAILABLE = 503
HTTP_BAD_REQUEST = 400
NO_STATUS = 1005  # the code of a close frame without one (RFC 6455, 7.1.5)

_FAILURES = {1002: "protocol_error", 1007: "invalid_utf8", 1009: "too_big"}

logger = logging.getLogger(__name__)


class GameProtocol(WebSocketProtocol):  # type: ignore[misc]  # daphne is untyped
    """One WebSocket of Daphne. Refuses, before the handshake, a socket that the gateway does not admit."""

    admitted: str | None = None  # the address under which this socket is counted
    receiver: Receiver | None = None  # until there is one, messages wait in Daphne's queue
    sink: TransportSink | None = None
    socket: GameSocket | None = None  # after the handover

    def onConnect(self, request: Any) -> Any:  # noqa: N802  # autobahn's name
        """Admit the socket, or deny the handshake with an HTTP status."""
        server: GameServer = self.factory.server_class
        address = _client(self.transport, request, server.gateway.limits.trusted_proxies)
        denial = _unreadable(request) or self._not_admitted(server.gateway, address)
        if denial is not None:
            reason, status, phrase = denial
            metrics.REFUSALS.labels(reason).inc()
            self._register_for_denial(server, address)
            raise ConnectionDeny(status, phrase)
        server.gateway.admission.enter(address)
        self.admitted = address
        return super().onConnect(request)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803, FBT001  # autobahn's names
        """Pass the message on. Unlike in Daphne, a message does not count as an answer to a ping."""
        if self.receiver is None:
            event = {"bytes": payload} if isBinary else {"text": payload.decode()}
            self.application_queue.put_nowait({"type": "websocket.receive", **event})
        elif isBinary:
            self.receiver.receive_bytes(payload)
        else:
            self.receiver.receive_text(payload.decode())

    def onPong(self, payload: bytes) -> None:  # noqa: ARG002, N802  # autobahn's name
        if self.sink is not None:
            self.sink.ponged()

    def open_sink(self) -> TransportSink:
        """Return the sink of the accepted socket."""
        server: GameServer = self.factory.server_class
        self.sink = TransportSink(self, budget=server.gateway.limits.write_buffer_bytes, clock=server.gateway.clock)
        server.playing(self)
        return self.sink

    def deliver_to(self, receiver: Receiver) -> None:
        """Pass all messages to `receiver`, first those that came with the handshake; then start the handover."""
        assert self.sink is not None  # open_sink comes first
        self.receiver = receiver
        queue = self.application_queue
        for event in [queue.get_nowait() for _ in range(queue.qsize())]:
            if event["type"] != "websocket.receive":
                queue.put_nowait(event)
            elif "bytes" in event:
                receiver.receive_bytes(event["bytes"])
            else:
                receiver.receive_text(event["text"])
        handover.begin(self, self.sink, self.factory.server_class.gateway.limits.write_buffer_bytes)

    def sendCloseFrame(self, *args: Any, **kwargs: Any) -> None:  # noqa: N802  # autobahn's name
        """Send nothing after the close frame."""
        super().sendCloseFrame(*args, **kwargs)
        self._shut()

    def dropConnection(self, abort: bool = False) -> None:  # noqa: N802, FBT001, FBT002  # autobahn's name
        """Send nothing more."""
        super().dropConnection(abort)
        self._shut()

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:  # noqa: N802, N803, FBT001  # autobahn's names
        """Pass the end on, with the code that this side sent if it closed first."""
        self._shut()
        if self.admitted is not None:
            self.factory.server_class.gateway.admission.leave(self.admitted)
            self.admitted = None
        if self._known_to_daphne:
            self.server.closing(self)
            super().onClose(wasClean, self.localCloseCode if self.closedByMe else code or NO_STATUS, reason)

    def failHandshake(self, reason: str, code: int = HTTP_BAD_REQUEST, responseHeaders: Any = None) -> None:  # noqa: N802, N803  # autobahn's names
        """Count a handshake that autobahn refuses before it calls onConnect."""
        if not self._known_to_daphne:
            metrics.REFUSALS.labels("handshake").inc()
        super().failHandshake(reason, code, responseHeaders)

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802  # autobahn's name
        """Cut the cycles of a socket that Daphne does not know, because autobahn refused its handshake."""
        super().connectionLost(reason)
        if not self._known_to_daphne:
            release([self])

    @property
    def _known_to_daphne(self) -> bool:
        """True after onConnect. Before it, Daphne's onClose would raise."""
        return hasattr(self, "server")

    def _fail_connection(self, code: int = 1001, reason: str = "going away") -> None:
        """Count a message that autobahn refuses."""
        if self.state == self.STATE_OPEN:
            metrics.REFUSALS.labels(_FAILURES.get(code, "protocol_error")).inc()
        super()._fail_connection(code, reason)

    def _shut(self) -> None:
        if self.sink is not None:
            self.sink.shut()
        if self.socket is not None:
            self.socket.fast = False

    def _not_admitted(self, gateway: Gateway, address: str) -> tuple[str, int, str] | None:
        reason = gateway.admission.refusal(address)
        return None if reason is None else (reason, HTTP_UNAVAILABLE, "Service Unavailable")

    def _register_for_denial(self, server: "GameServer", address: str) -> None:
        """Set what Daphne's onClose reads."""
        self.server = server
        self.client_addr = [address, 0]
        self.path = b""
        self.request = _NoRequest
        server.protocol_connected(self)


class _NoRequest:
    """The request of a denied handshake for Daphne's action log."""

    path = ""


class GameServer(Server):  # type: ignore[misc]  # daphne is untyped
    """Daphne's server for one gateway."""

    def __init__(
        self,
        application: Any,
        *,
        gateway: Gateway,
        bind: str,
        on_ready: Callable[[], None],
        on_listening: Callable[[str, int], None],
    ) -> None:
        """Serve `application` at `bind`, a Twisted endpoint description.

        When the loop runs, it calls `on_ready`, then `on_listening` with each host and port.
        """
        super().__init__(
            application,
            endpoints=[bind],
            signal_handlers=False,  # Twisted's would stop the reactor before the drain
            ping_interval=math.inf,  # the gateway sends the pings, spread over time
            websocket_timeout=-1,  # a socket may live for days
            websocket_max_message_size=MAX_MESSAGE_BYTES,
            websocket_max_frame_size=MAX_MESSAGE_BYTES,
            ready_callable=self._prepare,
            server_name="flotilla",
        )
        self.gateway = gateway
        self._playing: dict[GameProtocol, dict[str, Any]] = {}
        self.failure: str | None = None
        self._on_ready = on_ready
        self._on_listening = on_listening

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Add the extension to the scope of a socket, and the real scheme to the scope of a page."""
        scope["root_path"] = self.root_path  # Daphne would take it from a header that any client can send
        if scope["type"] == "http" and _came_by_https(scope, self.gateway.limits.trusted_proxies):
            scope["scheme"] = "https"
        if scope["type"] == "websocket":
            scope["extensions"] = {EXTENSION: protocol}
        return super().create_application(protocol, scope)

    def playing(self, protocol: GameProtocol) -> None:
        """Hide an accepted socket from Daphne's timers, which check all sockets at once. See `closing`.

        The gateway's sweep does their work, spread over time.
        """
        self._playing[protocol] = self.connections.pop(protocol)

    def closing(self, protocol: GameProtocol) -> None:
        """Return a socket to Daphne, which waits for the end of its application."""
        if protocol in self._playing:
            self.connections[protocol] = self._playing.pop(protocol)

    def application_checker(self) -> None:
        """Cut the cycles of the connections that Daphne removes. Daphne calls this once a second."""
        known = list(self.connections)
        super().application_checker()
        release(connection for connection in known if connection not in self.connections)

    def listen_error(self, failure: Failure) -> None:
        """Stop, and keep the reason in `failure`."""
        cause = getattr(failure.value, "socketError", failure.value)
        self.failure = str(getattr(cause, "strerror", None) or cause)
        self.stop()

    def kill_all_applications(self) -> Any:
        """Cancel all running applications. Daphne's own method raises if one has already ended."""
        sockets = (*self.connections.values(), *self._playing.values())
        running = [details.get("application_instance") for details in sockets]
        for application in running:
            if application is not None and not application.done():
                application.cancel()
        return defer.succeed(None)

    def _prepare(self) -> None:
        self.ws_factory.protocol = GameProtocol
        self.ws_factory.setProtocolOptions(
            failByDrop=False,  # a protocol error is answered with a close code
            allowNullOrigin=True,  # the application checks origins
        )
        # Only when the loop runs: its handlers would miss a signal that comes earlier, and the process would stay.
        reactor.callLater(0, self._running)  # type: ignore[arg-type]  # the methods of Twisted's interfaces have no self

    def _running(self) -> None:
        self._on_ready()
        for host, number in self.listening_addresses:
            self._on_listening(host, number)


def _client(transport: Any, request: Any, trusted: Sequence[Network]) -> str:
    peer = str(getattr(transport.getPeer(), "host", ""))
    return client_address(peer, request.headers.get("x-forwarded-for", ""), trusted)


def _came_by_https(scope: dict[str, Any], trusted: Sequence[Network]) -> bool:
    """Return True if the request came over HTTPS according to a trusted proxy. gunicorn applies the same rule."""
    schemes = {value for name, value in scope["headers"] if name == b"x-forwarded-proto"}
    client = scope["client"] or [""]
    return schemes == {b"https"} and is_trusted(str(client[0]), trusted)


def _unreadable(request: Any) -> tuple[str, int, str] | None:
    """Return the denial of a header that Daphne cannot decode, or None. Daphne expects ASCII."""
    offered = request.headers.get("sec-websocket-protocol", "")
    return None if offered.isascii() else ("header", HTTP_BAD_REQUEST, "Bad Request")
