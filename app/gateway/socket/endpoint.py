"""The ASGI application of a game socket: handshake, then messages until it closes.

Where the server offers the extension EXTENSION, frames go out through its sink; elsewhere (tests, any other ASGI
server) through plain ASGI `send`. The choice is made once, at accept.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from app.gateway.gateway import Gateway
from app.gateway.player.controls import Receiver
from app.gateway.player.session import SUBPROTOCOL
from app.gateway.socket.client_address import client_address
from app.gateway.socket.sink import AsgiSend, AsgiSink, Sink
from app.observability import metrics

EXTENSION: Final = "flotilla.socket"
NO_PAGE: Final = b"This process serves the game's WebSocket only; for the page, ask the web role.\n"

_ABNORMAL: Final = 1006  # the code for a socket that went without a close frame (RFC 6455, 7.4.1)

Scope = dict[str, Any]
AsgiReceive = Callable[[], Awaitable[dict[str, Any]]]


class Extension(Protocol):
    """What a server may offer for an accepted socket, so that frames and messages need no ASGI event each."""

    def sink(self) -> Sink:
        """Return the socket's way out."""

    def deliver_to(self, receiver: Receiver) -> None:
        """Give messages straight to `receiver`."""


class Endpoint:
    """Serves game sockets of one gateway."""

    def __init__(self, gateway: Callable[[], Gateway]) -> None:
        """Take the gateway, made and started at the first socket."""
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Serve one socket."""
        await receive()  # websocket.connect
        gateway = self._gateway()
        extension: Extension | None = scope.get("extensions", {}).get(EXTENSION)
        address = _client(scope, gateway)
        reason = _unspeakable(scope) or (None if extension else gateway.admission.refusal(address))
        if reason is not None:
            metrics.REFUSALS.labels(reason).inc()
            await send({"type": "websocket.close"})
            return
        subprotocol = SUBPROTOCOL if scope["subprotocols"] else None
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        if extension is not None:
            await _serve(gateway, extension.sink(), subprotocol, receive, extension.deliver_to)
            return
        gateway.admission.enter(address)
        try:
            await _serve(gateway, AsgiSink(send, gateway.clock), subprotocol, receive)
        finally:
            gateway.admission.leave(address)


async def refuse_path(scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:  # noqa: ARG001  # ASGI's signature
    """Refuse the handshake of a socket at a path where there is no game."""
    await receive()
    metrics.REFUSALS.labels("path").inc()
    await send({"type": "websocket.close"})


async def refuse_http(scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:  # noqa: ARG001  # ASGI's signature
    """Answer a request over HTTP in a process without a page."""
    metrics.REFUSALS.labels("http").inc()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(NO_PAGE)).encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": NO_PAGE})


async def _serve(
    gateway: Gateway,
    sink: Sink,
    subprotocol: str | None,
    receive: AsgiReceive,
    deliver_to: Callable[[Receiver], None] = lambda _receiver: None,
) -> None:
    connection = gateway.open(sink, subprotocol=subprotocol, deliver_to=deliver_to)
    code = _ABNORMAL
    try:
        deliver_to(connection)
        while (event := await receive())["type"] != "websocket.disconnect":
            if event.get("bytes") is not None:
                connection.receive_bytes(event["bytes"])
            else:
                connection.receive_text(event["text"])
        code = event.get("code") or _ABNORMAL
    finally:
        gateway.end(connection, code)


def _client(scope: Scope, gateway: Gateway) -> str:
    peer = (scope.get("client") or ("",))[0]
    said = [value for name, value in scope.get("headers", []) if name.lower() == b"x-forwarded-for"]
    return client_address(peer, b",".join(said).decode("latin-1"), gateway.limits.trusted_proxies)


def _unspeakable(scope: Scope) -> str | None:
    offered = scope["subprotocols"]
    return "subprotocol" if offered and SUBPROTOCOL not in offered else None
