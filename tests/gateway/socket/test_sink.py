import asyncio
from typing import Any

from app.gateway.fanout import frame
from app.gateway.socket.sink import AsgiSink, clipped
from tests.gateway.doubles import turns


class Peer:
    """An ASGI `send` that returns when the test allows it."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.gone = False

    async def send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        if self.gone:
            raise ConnectionError
        self.sent.append(message)


def test_a_reason_is_cut_to_what_a_close_frame_holds() -> None:
    """123 bytes, without half characters."""
    assert b"short" == clipped("short")
    assert 123 == len(clipped("x" * 200))
    assert "é" * 61 == clipped("é" * 100).decode()


async def test_frames_are_sent_in_order_and_in_their_kind() -> None:
    """Binary frames as bytes, text frames as text, the close last."""
    peer = Peer()
    sink = AsgiSink(peer.send, lambda: 0.0)
    sink.control(frame.binary(b"\x81"))
    sink.control(frame.text("hi"))
    sink.close(4500, "because")
    await turns(lambda: len(peer.sent) == 3)
    assert [
        {"type": "websocket.send", "bytes": b"\x81"},
        {"type": "websocket.send", "text": "hi"},
        {"type": "websocket.close", "code": 4500, "reason": "because"},
    ] == peer.sent


async def test_a_frame_of_the_world_is_skipped_during_a_send() -> None:
    """A control message is not."""
    peer = Peer()
    peer.reads.clear()
    sink = AsgiSink(peer.send, lambda: 0.0)
    assert sink.offer(frame.binary(b"1"))
    assert not sink.offer(frame.binary(b"2"))
    sink.control(frame.binary(b"3"))
    peer.reads.set()
    await turns(lambda: len(peer.sent) == 2)
    assert [b"1", b"3"] == [message["bytes"] for message in peer.sent]
    assert sink.offer(frame.binary(b"4"))
    await turns(lambda: len(peer.sent) == 3)


async def test_a_sink_reports_since_when_it_is_blocked() -> None:
    """It is the start of the send that does not end; None when all is sent."""
    peer, now = Peer(), 5.0
    peer.reads.clear()
    sink = AsgiSink(peer.send, lambda: now)
    sink.control(frame.binary(b"1"))
    now = 6.0
    sink.control(frame.binary(b"2"))
    assert 5.0 == sink.blocked_since
    peer.reads.set()
    await turns(lambda: sink.blocked_since is None)


async def test_nothing_is_sent_to_a_peer_that_is_gone() -> None:
    """The server's error is caught, and later frames are dropped."""
    peer = Peer()
    peer.gone = True
    sink = AsgiSink(peer.send, lambda: 0.0)
    sink.control(frame.binary(b"1"))
    await turns(lambda: sink.blocked_since is None)
    peer.gone = False
    sink.control(frame.binary(b"2"))
    assert sink.blocked_since is None  # no send is in progress
    assert [] == peer.sent


async def test_nothing_follows_a_close() -> None:
    """A second close is not sent either."""
    peer = Peer()
    sink = AsgiSink(peer.send, lambda: 0.0)
    sink.close(1000, "")
    sink.close(1001, "")
    sink.control(frame.binary(b"1"))
    await turns(lambda: sink.blocked_since is None)  # all sends are done
    assert [1000] == [message["code"] for message in peer.sent]
