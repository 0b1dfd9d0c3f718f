"""The ASGI application of a game socket: handshake, then messages until it closes.

Where the server offers the extension EXTENSION, frames go out through its sink; elsewhere (tests, any other ASGI
server) through plain ASGI `send`. The choice is made once, at accept.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from app.gateway.gateway import Gateway
from app.gateway.session import SUBPROTOCOL
from app.gateway.sink import AsgiSend, AsgiSink, Sink
from app.observability import metrics

EXTENSION: Final = "flotilla.sink"
_ABNORMAL: Final = 1006  # the code for a socket that went without a close frame (RFC 6455, 7.4.1)

Scope = dict[str, Any]
AsgiReceive = Callable[[], Awaitable[dict[str, Any]]]


class Endpoint:
    """Serves game sockets of one gateway."""

    def __init__(self, gateway: Callable[[], Gateway]) -> None:
        """Take the gateway, made and started at the first socket."""
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Serve one socket."""
        await receive()  # websocket.connect
        gateway = self._gateway()
        extension = scope.get("extensions", {}).get(EXTENSION)
        address = (scope.get("client") or ("",))[0]
        reason = _unspeakable(scope) or (None if extension else gateway.admission.refusal(address))
        if reason is not None:
            metrics.REFUSALS.labels(reason).inc()
            await send({"type": "websocket.close"})
            return
        subprotocol = SUBPROTOCOL if scope["subprotocols"] else None
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        sink: Sink = extension() if extension else AsgiSink(send, gateway.clock)
        await _serve(gateway, sink, subprotocol, receive)


async def refuse_path(scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:  # noqa: ARG001  # ASGI's signature
    """Refuse the handshake of a socket at a path where there is no game."""
    await receive()
    metrics.REFUSALS.labels("path").inc()
    await send({"type": "websocket.close"})


async def _serve(gateway: Gateway, sink: Sink, subprotocol: str | None, receive: AsgiReceive) -> None:
    connection = gateway.open(sink, subprotocol=subprotocol)
    code = _ABNORMAL
    try:
        while (event := await receive())["type"] != "websocket.disconnect":
            connection.receive(event.get("bytes"), event.get("text"))
        code = event.get("code") or _ABNORMAL
    finally:
        gateway.end(connection, code)


def _unspeakable(scope: Scope) -> str | None:
    offered = scope["subprotocols"]
    return "subprotocol" if offered and SUBPROTOCOL not in offered else None
