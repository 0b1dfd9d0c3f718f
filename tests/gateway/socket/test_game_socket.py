"""game_socket with small_frames: the fast path and autobahn agree on any stream and any split."""

import struct
import zlib
from itertools import pairwise
from typing import Any

from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.testing import StringTransport

from app.gateway.socket import reactor  # noqa: F401  # before autobahn looks for one
from app.gateway.socket.game_socket import GameSocket
from app.gateway.socket.shim import Shim

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
LIMIT = 1024


class Recorder:
    """A receiver that keeps all messages. It may close the socket at one of them."""

    def __init__(self, game: Any, close_at: int | None) -> None:
        """`close_at` is the number of the message at which it closes the socket."""
        self.received: list[bytes | str] = []
        self._game = game
        self._close_at = close_at

    def receive_bytes(self, data: bytes) -> None:
        self._record(data)

    def receive_text(self, text: str) -> None:
        self._record(text)

    def ponged(self) -> None:
        self.received.append("pong")

    def _record(self, message: bytes | str) -> None:
        self.received.append(message)
        if len(self.received) == self._close_at:
            self._game.sendCloseFrame(code=4500, reasonUtf8=b"")


class Game(WebSocketServerProtocol):
    """The reference: autobahn alone, with whole messages to a receiver."""

    receiver: Recorder
    socket: GameSocket | None = None

    def sendCloseFrame(self, *args: Any, **kwargs: Any) -> None:  # noqa: N802  # autobahn's name
        """End the fast path with the close frame, as app.gateway.socket.server does."""
        super().sendCloseFrame(*args, **kwargs)
        if self.socket is not None:
            self.socket.fast = False

    def onPong(self, payload: bytes) -> None:  # noqa: N802  # autobahn's name
        self.receiver.ponged()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803  # autobahn's names
        if isBinary:
            self.receiver.receive_bytes(payload)
        else:
            self.receiver.receive_text(payload.decode())


class TwistedStream(StringTransport):
    """A Twisted transport that keeps what is written, and whether it ended."""

    ended = False

    def loseConnection(self) -> None:  # noqa: N802  # Twisted's name
        self.ended = True

    def abortConnection(self) -> None:  # noqa: N802  # Twisted's name
        self.ended = True

    def unregisterProducer(self) -> None:  # noqa: N802  # Twisted's name
        """Do nothing, as a real transport without a producer does."""


class AsyncioStream:
    """An asyncio transport that keeps what is written."""

    def __init__(self, written: TwistedStream) -> None:
        self._written = written
        self.ended = False

    def write(self, data: bytes) -> None:
        self._written.write(data)

    def is_closing(self) -> bool:
        return self.ended

    def close(self) -> None:
        self.ended = True

    def abort(self) -> None:
        self.ended = True

    def set_write_buffer_limits(self, high: int, low: int) -> None:
        pass


class Sink:
    """A sink that records pongs only."""

    def __init__(self, recorder: Recorder) -> None:
        self.ponged = recorder.ponged

    def write_to(self, writer: Any) -> None:
        pass

    def blocked(self) -> None:
        pass

    def unblocked(self) -> None:
        pass


def opened(close_at: int | None) -> tuple[Game, TwistedStream]:
    """Return an open server socket of autobahn, and what it writes."""
    factory = WebSocketServerFactory()
    factory.protocol = Game
    factory.setProtocolOptions(
        failByDrop=False,
        maxMessagePayloadSize=LIMIT,
        maxFramePayloadSize=LIMIT,
        openHandshakeTimeout=0,
        closeHandshakeTimeout=0,
        echoCloseCodeReason=True,
    )
    game = factory.buildProtocol(None)
    game.receiver = Recorder(game, close_at)
    transport = TwistedStream()
    game.makeConnection(transport)
    game.dataReceived(HANDSHAKE)
    assert game.state == Game.STATE_OPEN
    transport.clear()
    return game, transport


def frame(opcode: int, payload: bytes, *, fin: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
    """Return a frame, valid or invalid."""
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    bit = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    else:
        head += bytes([bit | 126]) + struct.pack("!H", len(payload))
    if not masked:
        return head + payload
    mask = zlib.crc32(payload).to_bytes(4)
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


payloads = st.binary(max_size=8) | st.binary(min_size=120, max_size=130) | st.binary(min_size=1020, max_size=1030)
texts = st.text(max_size=20).map(str.encode)
whole = st.builds(frame, st.just(2), payloads) | st.builds(frame, st.just(1), texts)
valid = st.one_of(
    whole,
    whole,
    whole,
    st.builds(frame, st.sampled_from([9, 10]), st.binary(max_size=125)),
    st.builds(
        lambda parts, text: b"".join(
            frame((1 if text else 2) if i == 0 else 0, part, fin=i == len(parts) - 1) for i, part in enumerate(parts)
        ),
        st.lists(texts, min_size=2, max_size=4),
        st.booleans(),
    ),
)
closing = st.builds(frame, st.just(8), st.sampled_from([b"", b"\x03\xe8", b"\x0f\xa0why"]))
broken = st.one_of(
    st.builds(frame, st.sampled_from([1, 2]), st.just(b"\xff\xfe"), masked=st.booleans()),
    st.builds(frame, st.integers(0, 15), st.binary(max_size=9), fin=st.booleans(), reserved=st.integers(0, 7)),
    st.binary(max_size=20),
)


def split(stream: bytes, cuts: list[int]) -> list[bytes]:
    """Return `stream` in pieces."""
    edges = [0, *sorted({cut % (len(stream) + 1) for cut in cuts}), len(stream)]
    return [stream[a:b] for a, b in pairwise(edges) if a != b]


def agree(stream: bytes, cuts: list[int], close_at: int | None) -> None:
    """Assert that both paths receive, answer and end in the same way."""
    reference, reference_out = opened(close_at)
    for piece in split(stream, cuts):
        reference.dataReceived(piece)

    game, out = opened(close_at)
    stream_out = AsyncioStream(out)
    shim = Shim(game.transport)
    game.transport = shim
    socket = game.socket = GameSocket(game, Sink(game.receiver), shim, 65_536)
    socket.connection_made(stream_out)  # type: ignore[arg-type]  # as much of a transport as it uses
    for piece in split(stream, cuts):
        socket.data_received(piece)

    assert reference.receiver.received == game.receiver.received
    assert reference_out.value() == out.value()
    assert reference.state == game.state
    assert reference_out.ended == stream_out.ended


cuts = st.lists(st.integers(0, 5000), max_size=12)
closes = st.none() | st.integers(1, 4)


@settings(max_examples=400, deadline=None)
@given(st.lists(valid, max_size=12), closing | st.just(b""), cuts, closes)
def test_both_paths_agree_on_any_split_of_any_valid_stream(
    frames: list[bytes], end: bytes, cuts: list[int], close_at: int | None
) -> None:
    """Text, bytes, fragments, pings, pongs, large frames, a close: the same messages, answers and state."""
    agree(b"".join(frames) + end, cuts, close_at)


@settings(max_examples=400, deadline=None)
@given(st.lists(valid, max_size=4), broken, st.lists(valid, max_size=3), cuts)
def test_both_paths_agree_on_broken_streams(
    before: list[bytes], damage: bytes, after: list[bytes], cuts: list[int]
) -> None:
    """Unmasked, reserved, oversized, not UTF-8, noise: both do what autobahn does."""
    agree(b"".join(before) + damage + b"".join(after), cuts, None)
