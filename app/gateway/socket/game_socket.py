"""A socket on uvloop after the handover: reads small data frames itself and passes every other byte to autobahn."""

import asyncio
from typing import Any, Final, Protocol

from autobahn.twisted.websocket import WebSocketServerProtocol
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure

from app.gateway.player.controls import Receiver
from app.gateway.socket import small_frames
from app.gateway.socket.shim import Shim
from app.gateway.socket.transport_sink import Writer

RESUME_SHARE: Final = 4  # a blocked socket resumes when its buffer shrinks to this fraction of the write budget

_OPEN: Final = WebSocketServerProtocol.STATE_OPEN


class WriteSide(Protocol):
    """The sink of the socket, as the socket uses it."""

    def write_to(self, writer: Writer) -> None:
        """Write to `writer` from now on."""

    def blocked(self) -> None:
        """Record that the peer does not read."""

    def unblocked(self) -> None:
        """Record that the peer reads again."""

    def ponged(self) -> None:
        """Record that the peer answered a ping."""


class GameSocket(asyncio.Protocol):
    """The asyncio side of one socket. `game` is autobahn's side, which already has its receiver."""

    __slots__ = ("_budget", "_game", "_shim", "_sink", "fast", "receiver")

    def __init__(self, game: Any, sink: WriteSide, shim: Shim, budget: int) -> None:
        """`budget` is the write budget in bytes."""
        self._game = game
        self.receiver: Receiver = game.receiver
        self.fast = False  # True: the socket is open and autobahn waits for the first byte of a message
        self._sink = sink
        self._shim = shim
        self._budget = budget

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Write what waited. Then the sink writes to the transport directly."""
        stream: Any = transport  # uvloop's transports are no subclasses of asyncio.Transport
        stream.set_write_buffer_limits(high=self._budget, low=self._budget // RESUME_SHARE)
        self._shim.attach(stream)
        self._sink.write_to(stream)
        self._update_fast()

    def data_received(self, data: bytes) -> None:
        """Read whole small frames while autobahn is between two messages. Pass the rest to autobahn."""
        read = small_frames.read(data, self) if self.fast else 0
        if read < len(data):
            self._game.dataReceived(data[read:])
            self._update_fast()

    def connection_lost(self, exc: Exception | None) -> None:
        self._game.connectionLost(Failure(ConnectionDone() if exc is None else ConnectionLost(str(exc))))

    def pause_writing(self) -> None:
        self._sink.blocked()

    def resume_writing(self) -> None:
        self._sink.unblocked()

    def ponged(self) -> None:
        self._sink.ponged()

    def _update_fast(self) -> None:
        game = self._game
        self.fast = game.state == _OPEN and not game.data and game.current_frame is None and not game.inside_message
