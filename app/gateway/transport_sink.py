"""The sink of a Daphne socket: prepared frames straight to its transport, within a write budget.

Twisted's push-producer contract gives the budget: it pauses us when more than `bufferSize` bytes wait for the peer, and
resumes us when all are sent. Daphne itself registers nobody for a WebSocket, which is why a peer that does not read
makes it grow without bound (django/daphne#170).
"""

from collections.abc import Callable
from typing import Any, cast

from autobahn.twisted.websocket import WebSocketServerProtocol
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from app.gateway.frame import Frame
from app.gateway.sink import clipped


@implementer(IPushProducer)
class TransportSink:
    """Writes to an accepted socket of Daphne."""

    __slots__ = ("_clock", "_protocol", "_transport", "blocked_since")

    def __init__(self, protocol: WebSocketServerProtocol, *, budget: int, clock: Callable[[], float]) -> None:
        """Take over the way out of `protocol`; `budget` in bytes, `clock` monotonic in seconds."""
        self.blocked_since: float | None = None
        self._protocol = protocol
        self._clock = clock
        self._transport = cast("Any", protocol.transport)  # a TCP or UNIX connection of Twisted
        self._transport.bufferSize = budget
        self._transport.unregisterProducer()  # the HTTP channel that the socket was, before the upgrade
        self._transport.registerProducer(self, streaming=True)

    def offer(self, frame: Frame) -> bool:
        """Write, unless the peer is over its budget."""
        if self.blocked_since is not None:
            return False
        self.control(frame)
        return True

    def control(self, frame: Frame) -> None:
        """Write behind whatever waits."""
        if self._protocol.state == WebSocketServerProtocol.STATE_OPEN:
            self._transport.write(frame.octets)

    def close(self, code: int, reason: str) -> None:
        """Send a close frame; autobahn drops the connection if the peer does not answer within a second."""
        if self._protocol.state == WebSocketServerProtocol.STATE_OPEN:
            # sendClose refuses 1012, which is exactly the code for a restart; the frame itself may carry it.
            self._protocol.sendCloseFrame(code=int(code), reasonUtf8=clipped(reason))

    def pauseProducing(self) -> None:  # noqa: N802  # Twisted's name
        """Note that the peer does not read."""
        self.blocked_since = self._clock()

    def resumeProducing(self) -> None:  # noqa: N802  # Twisted's name
        """Note that the peer has read everything."""
        self.blocked_since = None

    def stopProducing(self) -> None:  # noqa: N802  # Twisted's name
        """Do nothing: the connection is gone, and the protocol hears of it itself."""
