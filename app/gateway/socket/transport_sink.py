"""The sink of a Daphne socket: prepared frames straight to its transport, within a write budget.

Twisted's push-producer contract gives the budget: it pauses us when more than `bufferSize` bytes wait for the peer, and
resumes us when all are sent. Daphne itself registers nobody for a WebSocket, which is why a peer that does not read
makes it grow without bound (django/daphne#170).
"""

from collections.abc import Callable
from typing import Any, Final, Protocol, cast

from autobahn.twisted.websocket import WebSocketServerProtocol
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from app.gateway.fanout.frame import Frame
from app.gateway.socket.sink import clipped


class Writer(Protocol):
    """A transport, Twisted's or asyncio's, as far as a sink needs one."""

    def write(self, data: bytes, /) -> object:
        """Write at once or as soon as the peer reads."""


class _Nowhere:
    """Stands in for the transport of a socket that is closing."""

    def write(self, data: bytes, /) -> None:
        """Drop."""


_NOWHERE: Final = _Nowhere()
_PING: Final = b"\x89\x00"  # a final ping frame without payload (RFC 6455, 5.5.2)


@implementer(IPushProducer)
class TransportSink:
    """Writes to an accepted socket of Daphne."""

    __slots__ = ("_clock", "_protocol", "_writer", "blocked_since", "pinged_since")

    def __init__(self, protocol: WebSocketServerProtocol, *, budget: int, clock: Callable[[], float]) -> None:
        """Take over the way out of `protocol`; `budget` in bytes, `clock` monotonic in seconds."""
        self.blocked_since: float | None = None
        self.pinged_since: float | None = None
        self._protocol = protocol
        self._clock = clock
        transport = cast("Any", protocol.transport)  # a TCP or UNIX connection of Twisted
        transport.bufferSize = budget
        transport.unregisterProducer()  # the HTTP channel that the socket was, before the upgrade
        transport.registerProducer(self, streaming=True)
        self._writer: Writer = transport

    def offer(self, frame: Frame) -> bool:
        """Write, unless the peer is over its budget."""
        if self.blocked_since is not None:
            return False
        self._writer.write(frame.octets)
        return True

    def control(self, frame: Frame) -> None:
        """Write behind whatever waits."""
        self._writer.write(frame.octets)

    def pending(self) -> int:
        """Return what waits in the transport of uvloop; Twisted's does not say."""
        size: Callable[[], int] | None = getattr(self._writer, "get_write_buffer_size", None)
        return 0 if size is None else size()

    def swap(self, writer: Writer) -> None:
        """Write elsewhere from now on: the socket was handed over."""
        if self._writer is not _NOWHERE:
            self._writer = writer

    def shut(self) -> None:
        """Write nothing more: a close frame was sent, or the connection is gone."""
        self._writer = _NOWHERE

    def blocked(self) -> None:
        """Note that the peer does not read; the first time counts."""
        if self.blocked_since is None:
            self.blocked_since = self._clock()

    def unblocked(self) -> None:
        """Note that the peer has read."""
        self.blocked_since = None

    def ping(self) -> None:
        """Send a ping, the same bytes to every socket."""
        if self.pinged_since is None:
            self.pinged_since = self._clock()
            self._writer.write(_PING)

    def ponged(self) -> None:
        """Note that the peer answered, which shows that it reads."""
        self.pinged_since = None

    def close(self, code: int, reason: str) -> None:
        """Send a close frame; autobahn drops the connection if the peer does not answer within a second."""
        if self._protocol.state == WebSocketServerProtocol.STATE_OPEN:
            # sendClose refuses 1012, which is exactly the code for a restart; the frame itself may carry it.
            self._protocol.sendCloseFrame(code=int(code), reasonUtf8=clipped(reason))

    def pauseProducing(self) -> None:  # noqa: N802  # Twisted's name
        """Note it; Twisted says so again with each write."""
        self.blocked()

    def resumeProducing(self) -> None:  # noqa: N802  # Twisted's name
        """Note it."""
        self.unblocked()

    def stopProducing(self) -> None:  # noqa: N802  # Twisted's name
        """Do nothing: the connection is gone, and the protocol hears of it itself."""
