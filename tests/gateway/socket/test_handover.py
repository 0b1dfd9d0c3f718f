import asyncio
import socket
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
import uvloop
from autobahn.twisted.websocket import WebSocketServerProtocol

from app.gateway.socket import reactor  # noqa: F401  # before Twisted looks for one

# isort: split
from twisted.internet.error import ConnectionLost
from twisted.internet.tcp import Connection

from app.gateway.fanout import frame
from app.gateway.socket import handover
from app.gateway.socket.shim import Shim
from app.gateway.socket.transport_sink import TransportSink
from tests.pacing import until

BUDGET = 65_536
LOOKS = 3  # of the handover at the buffers of Twisted, before they are empty
FRAME = frame.binary(b"\x86\x00")
LOST = "the socket could not be handed over"


class Accepted(Connection):
    """Twisted's side of an accepted socket, without a reactor."""

    def __init__(self, mine: socket.socket) -> None:
        self.socket = mine
        self.connected = True
        self.dataBuffer = b""
        self._tempDataBuffer: list[bytes] = []
        self.let_go: list[str] = []

    def stopReading(self) -> None:  # noqa: N802  # Twisted's name
        self.let_go.append("reading")

    def stopWriting(self) -> None:  # noqa: N802  # Twisted's name
        self.let_go.append("writing")

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: N802  # Twisted's name
        self.producer = producer

    def unregisterProducer(self) -> None:  # noqa: N802  # Twisted's name
        self.producer = None

    def getPeer(self) -> str:  # noqa: N802  # Twisted's name
        return "peer"

    def getHost(self) -> str:  # noqa: N802  # Twisted's name
        return "host"


class Game:
    """A WebSocket of autobahn after its handshake."""

    data = b""
    current_frame = None
    inside_message = False
    receiver = None
    socket = None
    handover = None

    def __init__(self, transport: Accepted) -> None:
        self.transport: Any = transport
        self.state = WebSocketServerProtocol.STATE_OPEN
        self.received = b""
        self.lost: list[Any] = []

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  # Twisted's name
        self.received += data

    def connectionLost(self, reason: Any) -> None:  # noqa: N802  # Twisted's name
        self.lost.append(reason)


class Handed:
    """A socket of Twisted, and its peer."""

    def __init__(self) -> None:
        mine, self.peer = socket.socketpair()
        mine.setblocking(False)
        self.peer.settimeout(5)
        self.twisted = Accepted(mine)
        self.game = Game(self.twisted)
        self.sink = TransportSink(self.game, budget=BUDGET, clock=lambda: 0.0)  # type: ignore[arg-type]  # as much of a protocol as it uses

    def begin(self) -> None:
        handover.begin(self.game, self.sink, BUDGET)

    async def taken(self) -> None:
        """Wait until the socket moved, or until the handover failed."""
        await until(lambda: (self.game.socket is not None and self.game.handover is None) or bool(self.game.lost))


class Unwritten:
    """A buffer of Twisted that is not empty yet, and counts how often the handover looks at it."""

    def __init__(self) -> None:
        self.looks = 0

    def __bool__(self) -> bool:
        self.looks += 1
        return True


async def scheduled() -> None:
    """Wait until the loop has called everything that was scheduled before: it calls in order."""
    loop = asyncio.get_running_loop()
    last = loop.create_future()
    loop.call_soon(last.set_result, None)
    await last


@pytest.fixture
def handed() -> Iterator[Handed]:
    """A socket that waits for its handover."""
    waiting = Handed()
    yield waiting
    waiting.peer.close()
    waiting.twisted.socket.close()


def on_uvloop(handed: Handed, work: Coroutine[Any, Any, None]) -> None:
    """Run `work` as the server does. uvloop does not end while it has a socket."""

    async def scene() -> None:
        try:
            await work
        finally:
            if handed.game.socket is not None:
                handed.game.transport.abortConnection()
                await until(lambda: bool(handed.game.lost))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(scene())


def test_the_socket_leaves_twisted_and_goes_on_with_uvloop(handed: Handed) -> None:
    """Twisted stops reading and writing, and frames use the new transport."""

    async def scene() -> None:
        handed.begin()
        await handed.taken()
        assert ["reading", "writing"] == handed.twisted.let_go
        assert isinstance(handed.game.transport, Shim)
        assert ("peer", "host") == (handed.game.transport.getPeer(), handed.game.transport.getHost())
        handed.sink.control(FRAME)
        assert FRAME.octets == handed.peer.recv(100)

    on_uvloop(handed, scene())


def test_nothing_is_lost_between_the_two(handed: Handed) -> None:
    """Bytes written between the two transports are sent first."""

    async def scene() -> None:
        handed.begin()
        asyncio.get_running_loop().call_soon(handed.sink.control, FRAME)
        await handed.taken()
        handed.sink.control(frame.binary(b"later"))
        expected = FRAME.octets + frame.binary(b"later").octets
        assert expected == handed.peer.recv(len(expected), socket.MSG_WAITALL)

    on_uvloop(handed, scene())


@pytest.mark.parametrize("buffer", ["dataBuffer", "_tempDataBuffer"])
def test_it_waits_until_twisted_has_written_all(handed: Handed, buffer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the 101 would be lost if the receive window of the peer is full."""
    monkeypatch.setattr(handover, "RETRY_S", 0.0)

    async def scene() -> None:
        unwritten = Unwritten()
        setattr(handed.twisted, buffer, unwritten)
        handed.begin()
        await until(lambda: unwritten.looks >= LOOKS)
        assert [] == handed.twisted.let_go
        setattr(handed.twisted, buffer, b"" if buffer == "dataBuffer" else [])
        await handed.taken()
        assert ["reading", "writing"] == handed.twisted.let_go

    on_uvloop(handed, scene())


@pytest.mark.parametrize("how", ["closing", "gone", "TLS"])
def test_a_socket_that_cannot_move_stays(handed: Handed, how: str) -> None:
    """It is closing, or gone, or Twisted decrypts its bytes."""
    if how == "closing":
        handed.game.state = WebSocketServerProtocol.STATE_CLOSING
    handed.twisted.connected = how != "gone"
    handed.twisted.TLS = how == "TLS"

    async def scene() -> None:
        handed.begin()
        await scheduled()

    on_uvloop(handed, scene())
    assert ([], None) == (handed.twisted.let_go, handed.game.socket)
    assert handed.twisted is handed.game.transport


def test_another_event_loop_keeps_the_socket_with_twisted(handed: Handed) -> None:
    """A handover to other transports would not be faster."""

    async def scene() -> None:
        handed.begin()
        await scheduled()

    asyncio.run(scene())
    assert [] == handed.twisted.let_go


def test_a_failed_handover_is_a_lost_connection(handed: Handed) -> None:
    """Autobahn is notified, so that the player does not stay forever."""

    async def refused() -> None:
        raise OSError

    async def scene() -> None:
        taken = asyncio.create_task(refused())
        await asyncio.wait([taken])
        handover._taken(handed.game, taken)

    asyncio.run(scene())
    (reason,) = handed.game.lost
    assert isinstance(reason.value, ConnectionLost)
    assert LOST in str(reason.value)
