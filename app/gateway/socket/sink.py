"""Sinks: where frames of one socket go. Chosen once at accept; who writes to a sink never asks which it is.

A frame of the world may be skipped (the next one is newer); a control message may not. A sink that cannot write says
so, and a socket that stays blocked is closed by the gateway's sweep.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from app.gateway.fanout.frame import Frame

AsgiSend = Callable[[dict[str, Any]], Awaitable[None]]

_REASON_LIMIT: Final = 123  # bytes that a close frame has for its reason (RFC 6455, 5.5)


class Sink(Protocol):
    """One socket's way out."""

    blocked_since: float | None
    """When the peer stopped reading, by the gateway's clock; None while it reads."""

    pinged_since: float | None
    """When the ping went out that is not answered yet, by the same clock; None if there is none."""

    def offer(self, frame: Frame) -> bool:
        """Write a frame of the world, or return False because the peer does not keep up."""

    def control(self, frame: Frame) -> None:
        """Write a message that must not be skipped."""

    def pending(self) -> int:
        """Return how many bytes wait for the peer, as far as this process knows."""

    def ping(self) -> None:
        """Send a WebSocket ping, unless one is not answered yet; does nothing where the server pings by itself."""

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake; later writes do nothing."""


class AsgiSink:
    """The portable sink: plain ASGI `send`, one frame in flight; serves any ASGI server and the tests."""

    def __init__(self, send: AsgiSend, clock: Callable[[], float]) -> None:
        """Take the ASGI callable of one accepted socket and a monotonic clock in seconds."""
        self._send = send
        self._clock = clock
        self._queue: deque[dict[str, Any]] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._closed = False
        self.blocked_since: float | None = None
        self.pinged_since: float | None = None

    def offer(self, frame: Frame) -> bool:
        """Send unless the last send is still under way."""
        if self._writer is not None:
            return False
        self.control(frame)
        return True

    def control(self, frame: Frame) -> None:
        """Queue behind what is under way."""
        if frame.binary:
            self._put({"type": "websocket.send", "bytes": frame.payload})
        else:
            self._put({"type": "websocket.send", "text": frame.payload.decode()})

    def pending(self) -> int:
        """Return what is queued behind the send that is under way."""
        return sum(len(message.get("bytes") or message.get("text") or b"") for message in self._queue)

    def ping(self) -> None:
        """Do nothing: ASGI has no pings, its servers send their own."""

    def close(self, code: int, reason: str) -> None:
        """Close after what is queued."""
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
        except Exception:  # noqa: BLE001  # every server raises its own error for a peer that is gone; all mean that
            self._closed = True
            self._queue.clear()
        finally:
            self._writer = None
            self.blocked_since = None


def clipped(reason: str) -> bytes:
    """Return `reason` in UTF-8, cut to what a close frame can carry."""
    return reason.encode()[:_REASON_LIMIT].decode(errors="ignore").encode()
