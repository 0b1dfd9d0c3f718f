"""The ASGI application of a game socket: accepts it, then passes its messages to the controls until it closes.

If the server offers the extension EXTENSION, frames and messages bypass ASGI. With any other ASGI server, and in tests,
frames go out through ASGI `send`. The choice is made once, at accept.
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

_ABNORMAL: Final = 1006  # the code of a socket that ended without a close frame (RFC 6455, 7.4.1)

Scope = dict[str, Any]
AsgiReceive = Callable[[], Awaitable[dict[str, Any]]]


class Extension(Protocol):
    """What a server may offer for an accepted socket, so that frames and messages need no ASGI events."""

    def open_sink(self) -> Sink:
        """Return the sink of the socket. Call it once."""

    def deliver_to(self, receiver: Receiver) -> None:
        """Pass all messages to `receiver`, first those that came before. Call it once, after `open_sink`."""


class Endpoint:
    """Serves the game sockets of one gateway."""

    def __init__(self, gateway: Callable[[], Gateway]) -> None:
        """`gateway` is called at each socket; the first call may create and start the gateway."""
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        await receive()  # websocket.connect
        gateway = self._gateway()
        extension: Extension | None = scope.get("extensions", {}).get(EXTENSION)
        address = _client(scope, gateway)
        reason = _unsupported(scope) or (None if extension else gateway.admission.refusal(address))
        if reason is not None:
            metrics.REFUSALS.labels(reason).inc()
            await send({"type": "websocket.close"})
            return
        subprotocol = SUBPROTOCOL if scope["subprotocols"] else None
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        if extension is not None:
            await _serve(gateway, extension.open_sink(), subprotocol, receive, extension)
            return
        gateway.admission.enter(address)
        try:
            await _serve(gateway, AsgiSink(send, gateway.clock), subprotocol, receive)
        finally:
            gateway.admission.leave(address)


async def refuse_path(scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:  # noqa: ARG001  # ASGI's signature
    """Refuse the handshake of a socket at a path without a game."""
    await receive()
    metrics.REFUSALS.labels("path").inc()
    await send({"type": "websocket.close"})


async def refuse_http(scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:  # noqa: ARG001  # ASGI's signature
    """Answer an HTTP request in a process without a page."""
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
    extension: Extension | None = None,
) -> None:
    connection = gateway.open(sink, subprotocol=subprotocol)
    code = _ABNORMAL
    try:
        if extension is not None:
            extension.deliver_to(connection.controls)
        while (event := await receive())["type"] != "websocket.disconnect":
            if event.get("bytes") is not None:
                connection.controls.receive_bytes(event["bytes"])
            else:
                connection.controls.receive_text(event["text"])
        code = event.get("code") or _ABNORMAL
    finally:
        gateway.end(connection, code)


def _client(scope: Scope, gateway: Gateway) -> str:
    peer = (scope.get("client") or ("",))[0]
    forwarded = [value for name, value in scope.get("headers", []) if name.lower() == b"x-forwarded-for"]
    return client_address(peer, b",".join(forwarded).decode("latin-1"), gateway.limits.trusted_proxies)


def _unsupported(scope: Scope) -> str | None:
    offered = scope["subprotocols"]
    return "subprotocol" if offered and SUBPROTOCOL not in offered else None
