"""Sinks: the write side of one socket. The kind is chosen once, at accept.

A frame of the world may be skipped, since the next one is newer; a control message may not. A sink reports since when
it is blocked, and the gateway's sweep closes a socket that stays blocked.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from app.gateway.fanout.frame import Frame

AsgiSend = Callable[[dict[str, Any]], Awaitable[None]]

_REASON_LIMIT: Final = 123  # bytes for the reason in a close frame (RFC 6455, 5.5)


class Sink(Protocol):
    blocked_since: float | None
    """When the peer stopped reading, by the gateway's clock; None while it reads."""

    pinged_since: float | None
    """When the unanswered ping was sent, by the same clock; None if there is none."""

    def offer(self, frame: Frame) -> bool:
        """Write a frame of the world, or return False if the peer is too slow."""

    def control(self, frame: Frame) -> None:
        """Write a message that must not be skipped."""

    def pending(self) -> int:
        """Return how many bytes wait in this process for the peer; 0 if the transport does not report it."""

    def ping(self) -> None:
        """Send a WebSocket ping, unless one is unanswered. Does nothing if the server sends its own pings."""

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake. Later writes do nothing."""


class AsgiSink:
    """A sink over ASGI `send`, with one frame in flight, for any ASGI server and for tests."""

    def __init__(self, send: AsgiSend, clock: Callable[[], float]) -> None:
        """`clock` is monotonic, in seconds."""
        self._send = send
        self._clock = clock
        self._queue: deque[dict[str, Any]] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._closed = False
        self.blocked_since: float | None = None
        self.pinged_since: float | None = None

    def offer(self, frame: Frame) -> bool:
        """Send, unless the last send is still in progress."""
        if self._writer is not None:
            return False
        self.control(frame)
        return True

    def control(self, frame: Frame) -> None:
        """Queue behind the send in progress."""
        if frame.binary:
            self._put({"type": "websocket.send", "bytes": frame.payload})
        else:
            self._put({"type": "websocket.send", "text": frame.payload.decode()})

    def pending(self) -> int:
        """Return the number of bytes that wait behind the send in progress."""
        return sum(len(message.get("bytes") or message.get("text") or b"") for message in self._queue)

    def ping(self) -> None:
        """Do nothing: ASGI has no pings, and its servers send their own."""

    def close(self, code: int, reason: str) -> None:
        """Close after the queued messages."""
        self._put({"type": "websocket.close", "code": code, "reason": reason})
        self._closed = True

    def _put(self, message: dict[str, Any]) -> None:
        if self._closed:
            return
        self._queue.append(message)
        if self._writer is None:
            self.blocked_since = self._clock()
            self._writer = asyncio.ensure_future(self._drain())

    async def _drain(self) -> None:
        try:
            while self._queue:
                await self._send(self._queue.popleft())
        except Exception:  # noqa: BLE001  # each server has its own error for a peer that is gone
            self._closed = True
            self._queue.clear()
        finally:
            self._writer = None
            self.blocked_since = None


def clipped(reason: str) -> bytes:
    """Return `reason` in UTF-8, cut to what a close frame can carry."""
    return reason.encode()[:_REASON_LIMIT].decode(errors="ignore").encode()
