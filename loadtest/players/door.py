"""How players connect to a server, and the kinds of failed handshakes."""

import asyncio
import ssl
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import msgspec
from picows import WSError, WSInvalidStatusError, WSListener, WSTransport, ws_connect

HANDSHAKE_S: Final = 10.0  # longest wait for a 101
NO_ANSWER: Final = 0  # as the status of a refused handshake

REFUSED: Final = "refused"  # kinds of failure: nothing listens, or the status is not 101
TIMEOUT: Final = "timeout"
TLS: Final = "tls"
NAME: Final = "name"
PROTOCOL: Final = "protocol"  # the response is not a WebSocket handshake


class DoorError(Exception):
    """A failed handshake: its kind, HTTP status (0 without a response), and the error text."""

    def __init__(self, kind: str, status: int, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status = status


class Door(msgspec.Struct, frozen=True):
    """Where and how to connect; a message to other processes."""

    urls: list[str]  # the same server by several addresses; players take them in turn
    headers: list[tuple[str, str]] = []
    ca: str | None = None  # file of the authority that signed the certificate; None: the system's authorities
    server_name: str | None = None  # for TLS, if the URL has an address

    async def open(self, number: int, listener: Callable[[], WSListener], subprotocol: str | None) -> WSTransport:
        """Connect the player of that number; raises DoorError."""
        headers = [*self.headers, *([("Sec-WebSocket-Protocol", subprotocol)] if subprotocol else [])]
        url = self.urls[number % len(self.urls)]
        secure = url.startswith("wss:")
        name: dict[str, Any] = {"server_hostname": self.server_name} if secure and self.server_name else {}
        try:
            async with asyncio.timeout(HANDSHAKE_S):  # websocket_handshake_timeout does not include connect and TLS
                transport, _ = await ws_connect(
                    listener,
                    url,
                    ssl_context=tls_of(self.ca) if secure else None,
                    extra_headers=headers,
                    websocket_handshake_timeout=HANDSHAKE_S,
                    max_redirects=0,  # a redirect must not send the load to another server
                    use_aiofastnet=False,
                    **name,
                )
        except (WSError, OSError, TimeoutError, UnicodeError) as error:
            raise _named(error) from error
        return transport


@lru_cache
def tls_of(ca: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca)


def _named(error: Exception) -> DoorError:
    if isinstance(error, WSInvalidStatusError) and error.response is not None:
        return DoorError(REFUSED, int(error.response.status), f"answers {int(error.response.status)}")
    for kinds, kind in (
        (ssl.SSLError, TLS),
        (TimeoutError, TIMEOUT),
        (OSError, REFUSED),
        (UnicodeError, NAME),
    ):
        if isinstance(error, kinds):
            return DoorError(kind, NO_ANSWER, str(error) or type(error).__name__)
    return DoorError(PROTOCOL, NO_ANSWER, str(error))
