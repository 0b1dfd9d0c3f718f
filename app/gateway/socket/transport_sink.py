"""The sink of a Daphne socket: writes prepared frames directly to its transport, within a write budget.

Twisted's push-producer contract provides the budget. Twisted pauses the producer when more than `bufferSize` bytes
wait for the peer, and resumes it when all are sent. Daphne itself registers no producer for a WebSocket, so the buffer
of a peer that does not read grows without bound (django/daphne#170).
"""

from collections.abc import Callable
from typing import Any, Final, Protocol, cast

from autobahn.twisted.websocket import WebSocketServerProtocol
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from app.gateway.fanout.frame import Frame
from app.gateway.socket.sink import clipped


class Writer(Protocol):
    """The part of a transport, Twisted's or asyncio's, that a sink uses."""

    def write(self, data: bytes, /) -> object:
        """Write at once, or as soon as the peer reads."""


class _Discard:
    """The writer of a socket that is closing."""

    def write(self, data: bytes, /) -> None:
        """Do nothing."""


_DISCARD: Final = _Discard()
_PING: Final = b"\x89\x00"  # a final ping frame without payload (RFC 6455, 5.5.2)


@implementer(IPushProducer)
class TransportSink:
    __slots__ = ("_clock", "_protocol", "_writer", "blocked_since", "pinged_since")

    def __init__(self, protocol: WebSocketServerProtocol, *, budget: int, clock: Callable[[], float]) -> None:
        """Replace the producer of `protocol`. `budget` is in bytes; `clock` is monotonic, in seconds."""
        self.blocked_since: float | None = None
        self.pinged_since: float | None = None
        self._protocol = protocol
        self._clock = clock
        transport = cast("Any", protocol.transport)  # a TCP or UNIX connection of Twisted
        transport.bufferSize = budget
        transport.unregisterProducer()  # the HTTP channel of the socket before the upgrade
        transport.registerProducer(self, streaming=True)
        self._writer: Writer = transport

    def offer(self, frame: Frame) -> bool:
        """Write, unless the peer is over its budget."""
        if self.blocked_since is not None:
            return False
        self._writer.write(frame.octets)
        return True

    def control(self, frame: Frame) -> None:
        """Write behind what waits."""
        self._writer.write(frame.octets)

    def pending(self) -> int:
        """Return the size of uvloop's write buffer. Twisted's transport does not report it."""
        size: Callable[[], int] | None = getattr(self._writer, "get_write_buffer_size", None)
        return 0 if size is None else size()

    def write_to(self, writer: Writer) -> None:
        """Write to `writer` from now on, unless the sink was shut."""
        if self._writer is not _DISCARD:
            self._writer = writer

    def shut(self) -> None:
        """Write nothing more. Call it when a close frame was sent or the connection is gone."""
        self._writer = _DISCARD

    def blocked(self) -> None:
        """Record that the peer does not read. Repeated calls do not change the time."""
        if self.blocked_since is None:
            self.blocked_since = self._clock()

    def unblocked(self) -> None:
        self.blocked_since = None

    def ping(self) -> None:
        """Send a ping, unless one is unanswered."""
        if self.pinged_since is None:
            self.pinged_since = self._clock()
            self._writer.write(_PING)

    def ponged(self) -> None:
        self.pinged_since = None

    def close(self, code: int, reason: str) -> None:
        """Send a close frame. Autobahn drops the connection if the peer does not answer within a second."""
        if self._protocol.state == WebSocketServerProtocol.STATE_OPEN:
            # Not sendClose: it refuses 1012, the code for a restart.
            self._protocol.sendCloseFrame(code=int(code), reasonUtf8=clipped(reason))

    def pauseProducing(self) -> None:  # noqa: N802  # Twisted's name
        """Record the block. Twisted calls this again with each write."""
        self.blocked()

    def resumeProducing(self) -> None:  # noqa: N802  # Twisted's name
        self.unblocked()

    def stopProducing(self) -> None:  # noqa: N802  # Twisted's name
        """Do nothing: the protocol has its own event for a lost connection."""
