"""Daphne with the habits of a public edge: limits before the handshake, prepared frames, honest close codes.

No monkey patch: a subclass of its server, a subclass of its protocol, and an ASGI extension between them.
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
from app.gateway.socket.transport_sink import TransportSink
from app.observability import metrics

MAX_MESSAGE_BYTES = 1024  # what a client may send at once (docs/protocol.md, "Limits")
HTTP_UNAVAILABLE = 503
HTTP_BAD_REQUEST = 400
NO_STATUS = 1005  # what stands for the code of a close frame that has none (RFC 6455, 7.1.5)

_FAILURES = {1002: "protocol_error", 1007: "invalid_utf8", 1009: "too_big"}

logger = logging.getLogger(__name__)


class GameProtocol(WebSocketProtocol):  # type: ignore[misc]  # daphne is untyped
    """One WebSocket of Daphne; refuses before the handshake what the gateway does not admit."""

    admitted: str | None = None  # the address under which this socket is counted
    receiver: Receiver | None = None  # where whole messages go; until there is one they wait for the application
    sink: TransportSink | None = None
    socket: GameSocket | None = None  # after the handover

    def onConnect(self, request: Any) -> Any:  # noqa: N802  # autobahn's name
        """Admit the socket, or deny the handshake by HTTP status."""
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
        """Pass the message on; unlike Daphne's, talking is no sign of reading here."""
        if self.receiver is None:
            event = {"bytes": payload} if isBinary else {"text": payload.decode()}
            self.application_queue.put_nowait({"type": "websocket.receive", **event})
        elif isBinary:
            self.receiver.receive_bytes(payload)
        else:
            self.receiver.receive_text(payload.decode())

    def onPong(self, payload: bytes) -> None:  # noqa: ARG002, N802  # autobahn's name
        """Note that the peer reads."""
        if self.sink is not None:
            self.sink.ponged()

    def deliver_to(self, receiver: Receiver) -> None:
        """Give messages to `receiver` from now on, first those that came with the handshake."""
        self.receiver = receiver
        if self.socket is not None:
            self.socket.receiver = receiver
        queue = self.application_queue
        for event in [queue.get_nowait() for _ in range(queue.qsize())]:
            if event["type"] != "websocket.receive":
                queue.put_nowait(event)
            elif "bytes" in event:
                self.receiver.receive_bytes(event["bytes"])
            else:
                self.receiver.receive_text(event["text"])

    def sendCloseFrame(self, *args: Any, **kwargs: Any) -> None:  # noqa: N802  # autobahn's name
        """Send nothing after the close frame."""
        super().sendCloseFrame(*args, **kwargs)
        self._shut()

    def dropConnection(self, abort: bool = False) -> None:  # noqa: N802, FBT001, FBT002  # autobahn's name
        """Send nothing more."""
        super().dropConnection(abort)
        self._shut()

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:  # noqa: N802, N803, FBT001  # autobahn's names
        """Pass the end on; the code that this side sent counts, not its echo."""
        self._shut()
        if self.admitted is not None:
            self.factory.server_class.gateway.admission.leave(self.admitted)
            self.admitted = None
        if self._known_to_daphne:
            self.server.closing(self)
            super().onClose(wasClean, self.localCloseCode if self.closedByMe else code or NO_STATUS, reason)

    def failHandshake(self, reason: str, code: int = HTTP_BAD_REQUEST, responseHeaders: Any = None) -> None:  # noqa: N802, N803  # autobahn's names
        """Count what autobahn refuses by itself, before it asks onConnect."""
        if not self._known_to_daphne:
            metrics.REFUSALS.labels("handshake").inc()
        super().failHandshake(reason, code, responseHeaders)

    @property
    def _known_to_daphne(self) -> bool:
        """Whether onConnect was called; Daphne's onClose stumbles where it was not."""
        return hasattr(self, "server")

    def _fail_connection(self, code: int = 1001, reason: str = "going away") -> None:
        """Count what autobahn refuses by itself."""
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
        """Set what Daphne's onClose will look for."""
        self.server = server
        self.client_addr = [address, 0]
        self.path = b""
        self.request = _NoRequest
        server.protocol_connected(self)


class _NoRequest:
    """Stands for the request of a denied handshake in Daphne's action log."""

    path = ""


class GameExtension:
    """What the server offers to the endpoint of one accepted socket, through the scope."""

    __slots__ = ("_protocol", "_server")

    def __init__(self, server: "GameServer", protocol: GameProtocol) -> None:
        """Offer the socket of `protocol`."""
        self._server = server
        self._protocol = protocol

    def sink(self) -> TransportSink:
        """Return the socket's way out, and let it change from Twisted to uvloop as soon as it can."""
        gateway, protocol = self._server.gateway, self._protocol
        budget = gateway.limits.write_buffer_bytes
        protocol.sink = TransportSink(protocol, budget=budget, clock=gateway.clock)
        self._server.playing(protocol)
        handover.begin(protocol, protocol.sink, budget)
        return protocol.sink

    def deliver_to(self, receiver: Receiver) -> None:
        """Give messages straight to `receiver`, without a queue or a task per message."""
        self._protocol.deliver_to(receiver)


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
        """Serve `application`, whose sockets are those of `gateway`, at `bind` (a Twisted endpoint description).

        Once the loop runs, `on_ready` is called, then `on_listening` with each host and port.
        """
        super().__init__(
            application,
            endpoints=[bind],
            signal_handlers=False,  # Twisted's would stop the reactor before players hear of it
            ping_interval=math.inf,  # the gateway pings, evenly; Daphne pings all that came together in one go
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
        """Add the sink to the scope of a socket, and to that of a page how it was asked for."""
        scope["root_path"] = self.root_path  # Daphne lets any client set it, by a header meant for proxies
        if scope["type"] == "http" and _came_by_https(scope, self.gateway.limits.trusted_proxies):
            scope["scheme"] = "https"
        if scope["type"] == "websocket":
            scope["extensions"] = {EXTENSION: GameExtension(self, protocol)}
        return super().create_application(protocol, scope)

    def playing(self, protocol: GameProtocol) -> None:
        """Take an accepted socket out of those at which Daphne's timers look each second or two, all at once.

        What they would do for it, the gateway's sweep does, evenly. It comes back when it closes.
        """
        self._playing[protocol] = self.connections.pop(protocol)

    def closing(self, protocol: GameProtocol) -> None:
        """Give a socket back to Daphne, which looks after its application's end."""
        if protocol in self._playing:
            self.connections[protocol] = self._playing.pop(protocol)

    def listen_error(self, failure: Failure) -> None:
        """Stop, and keep the reason for the operator."""
        cause = getattr(failure.value, "socketError", failure.value)
        self.failure = str(getattr(cause, "strerror", None) or cause)
        self.stop()

    def kill_all_applications(self) -> Any:
        """Cancel what still runs; Daphne's stumbles over applications that are already gone."""
        everybody = (*self.connections.values(), *self._playing.values())
        running = [details.get("application_instance") for details in everybody]
        for application in running:
            if application is not None and not application.done():
                application.cancel()
        return defer.succeed(None)

    def _prepare(self) -> None:
        self.ws_factory.protocol = GameProtocol
        self.ws_factory.setProtocolOptions(
            failByDrop=False,  # a peer that broke the protocol is told so by a close code
            allowNullOrigin=True,  # origins are the application's matter
        )
        # Not before the loop runs: a signal that comes earlier is lost to handlers of the loop, and the process stays.
        reactor.callLater(0, self._running)  # type: ignore[arg-type]  # the methods of Twisted's interfaces have no self

    def _running(self) -> None:
        self._on_ready()
        for host, number in self.listening_addresses:
            self._on_listening(host, number)


def _client(transport: Any, request: Any, trusted: Sequence[Network]) -> str:
    peer = str(getattr(transport.getPeer(), "host", ""))
    return client_address(peer, request.headers.get("x-forwarded-for", ""), trusted)


def _came_by_https(scope: dict[str, Any], trusted: Sequence[Network]) -> bool:
    """Tell whether a trusted proxy says so, and nobody says otherwise; gunicorn understands the web role's so, too."""
    said = {value for name, value in scope["headers"] if name == b"x-forwarded-proto"}
    client = scope["client"] or [""]
    return said == {b"https"} and is_trusted(str(client[0]), trusted)


def _unreadable(request: Any) -> tuple[str, int, str] | None:
    """Deny headers that Daphne would stumble over (it decodes this one as ASCII)."""
    offered = request.headers.get("sec-websocket-protocol", "")
    return None if offered.isascii() else ("header", HTTP_BAD_REQUEST, "Bad Request")
