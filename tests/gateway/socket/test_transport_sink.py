import asyncio
import socket
from typing import Any

import uvloop
from autobahn.twisted.websocket import WebSocketServerProtocol

from app.gateway.fanout import frame
from app.gateway.socket.transport_sink import TransportSink

FRAME = frame.binary(b"\x86\x00")


class Transport:
    """A Twisted transport that keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.producers: list[Any] = ["the HTTP channel"]
        self.bufferSize = 0
        self.waiting = 0

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def unregisterProducer(self) -> None:  # noqa: N802  # Twisted's name
        self.producers.pop()

    def registerProducer(self, producer: Any, *, streaming: bool) -> None:  # noqa: N802  # Twisted's name
        assert streaming
        self.producers.append(producer)


class UvloopTransport(Transport):
    """A transport that reports how much waits."""

    def get_write_buffer_size(self) -> int:
        return self.waiting


class Game:
    """A WebSocket of autobahn after its handshake."""

    def __init__(self) -> None:
        self.transport = Transport()
        self.state = WebSocketServerProtocol.STATE_OPEN
        self.close_frames: list[tuple[int, bytes]] = []

    def sendCloseFrame(self, *, code: int, reasonUtf8: bytes) -> None:  # noqa: N802, N803  # autobahn's names
        self.close_frames.append((code, reasonUtf8))


class Clocked:
    """A sink with a clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.game = Game()
        self.sink = TransportSink(self.game, budget=4096, clock=lambda: self.now)


def test_the_sink_takes_the_place_of_the_http_channel() -> None:
    """It is the producer that the transport pauses when more than the budget waits."""
    clocked = Clocked()
    assert [clocked.sink] == clocked.game.transport.producers
    assert 4096 == clocked.game.transport.bufferSize


def test_frames_are_written_as_they_are() -> None:
    """The octets of a frame are made once."""
    clocked = Clocked()
    assert clocked.sink.offer(FRAME)
    clocked.sink.control(FRAME)
    assert [FRAME.octets] * 2 == clocked.game.transport.written


def test_a_blocked_sink_skips_frames_of_the_world_and_no_others() -> None:
    """It skips until the peer has read."""
    clocked = Clocked()
    clocked.sink.pauseProducing()
    assert not clocked.sink.offer(FRAME)
    clocked.sink.control(FRAME)
    assert [FRAME.octets] == clocked.game.transport.written
    clocked.sink.resumeProducing()
    assert clocked.sink.offer(FRAME)


def test_the_time_of_a_block_is_its_start() -> None:
    """Twisted pauses its producer again with every write. A peer that sends must not gain time by the answers."""
    clocked = Clocked()
    assert clocked.sink.blocked_since is None
    clocked.sink.pauseProducing()
    clocked.now += 2
    clocked.sink.pauseProducing()
    assert 1000.0 == clocked.sink.blocked_since
    clocked.sink.resumeProducing()
    assert clocked.sink.blocked_since is None


def test_a_close_frame_has_any_code_of_ours() -> None:
    """1012 works, which autobahn's sendClose refuses. The reason is cut to fit."""
    clocked = Clocked()
    clocked.sink.close(1012, "x" * 200)
    assert [(1012, b"x" * 123)] == clocked.game.close_frames


def test_a_socket_that_is_closing_is_not_closed_again() -> None:
    """Its close frame was sent before, or the connection is gone."""
    clocked = Clocked()
    clocked.game.state = WebSocketServerProtocol.STATE_CLOSING
    clocked.sink.close(1000, "")
    assert [] == clocked.game.close_frames


def test_after_the_handover_frames_go_to_the_new_transport() -> None:
    """The old one gets nothing."""
    clocked, elsewhere = Clocked(), Transport()
    clocked.sink.write_to(elsewhere)
    clocked.sink.control(FRAME)
    assert ([FRAME.octets], []) == (elsewhere.written, clocked.game.transport.written)


def test_pending_bytes_are_reported_if_the_transport_reports_them() -> None:
    """Twisted's transport does not. A socket that is closing reports 0."""
    clocked, elsewhere = Clocked(), UvloopTransport()
    assert 0 == clocked.sink.pending()
    clocked.sink.write_to(elsewhere)
    elsewhere.waiting = 300
    assert 300 == clocked.sink.pending()
    clocked.sink.shut()
    assert 0 == clocked.sink.pending()


def test_uvloop_reports_pending_bytes() -> None:
    """While the peer does not read, it is everything except the bytes in the kernel."""

    async def waiting(mine: socket.socket) -> int:
        transport, _ = await asyncio.get_running_loop().connect_accepted_socket(asyncio.Protocol, mine)
        clocked = Clocked()
        clocked.sink.write_to(transport)
        clocked.sink.control(frame.binary(bytes(10_000_000)))
        pending = clocked.sink.pending()
        transport.abort()
        return pending

    mine, peer = socket.socketpair()
    with mine, peer:
        mine.setblocking(False)
        assert 5_000_000 < uvloop.run(waiting(mine)) < 10_000_000


def test_a_sink_that_was_shut_writes_nothing_more() -> None:
    """Also after a handover that came too late."""
    clocked, elsewhere = Clocked(), Transport()
    clocked.sink.shut()
    clocked.sink.write_to(elsewhere)
    clocked.sink.control(FRAME)
    assert clocked.sink.offer(FRAME)
    assert [] == elsewhere.written + clocked.game.transport.written


def test_one_ping_at_a_time() -> None:
    """The next ping is sent after the answer to the last one."""
    clocked = Clocked()
    clocked.sink.ping()
    clocked.now += 5
    clocked.sink.ping()
    assert ([b"\x89\x00"], 1000.0) == (clocked.game.transport.written, clocked.sink.pinged_since)
    clocked.sink.ponged()
    assert clocked.sink.pinged_since is None
