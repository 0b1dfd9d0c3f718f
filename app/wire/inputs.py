"""Client to server, flotilla.v1: a WebSocket message is exactly one of these, or it is refused by name."""

import struct
import unicodedata
from dataclasses import dataclass
from typing import Final

from app.wire.refusal import Refused

MAX_NAME: Final = 32  # bytes of UTF-8
MAX_TICKET: Final = 512  # bytes; a signed ticket is about 120
MAX_CAPABILITIES: Final = 8  # bytes; 64 capabilities

HELLO: Final = 0x01
INPUT: Final = 0x02
PING: Final = 0x03
RESYNC: Final = 0x04
PAUSE: Final = 0x05
RESUME: Final = 0x06

_FULL: Final = 0x01  # bit 0 of the first byte of capabilities
_SPARSE: Final = 0x02
_THRUST: Final = 0x01  # bit 0 of the buttons
_PING = struct.Struct("<xI")


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message: the player's name and ticket, and the capabilities of the client."""

    name: str
    ticket: bytes
    full: bool  # whole frames instead of deltas
    sparse: bool = False  # up to 4 ticks in one message, and 250 ms without any while nothing changes


@dataclass(frozen=True, slots=True)
class Input:
    """The state of the controls; heading in 1/256 of a turn, sequence is the low byte of the client's counter."""

    sequence: int
    heading: int
    thrusting: bool


@dataclass(frozen=True, slots=True)
class Ping:
    """A request for a PONG with the same nonce."""

    nonce: int


@dataclass(frozen=True, slots=True)
class Resync:
    """A request for a keyframe."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A request to stop sending frames."""


@dataclass(frozen=True, slots=True)
class Resume:
    """A request to send frames again."""


ClientMessage = Hello | Input | Ping | Resync | Pause | Resume

_BARE: Final[dict[int, ClientMessage]] = {RESYNC: Resync(), PAUSE: Pause(), RESUME: Resume()}


def decode(data: bytes) -> ClientMessage:
    """Return the message in `data`. Raises only Refused, with a reason of docs/protocol.md."""
    if not data:
        raise Refused("empty")
    kind = data[0]
    if kind == INPUT:
        return _input(data)
    if kind == PING:
        return _ping(data)
    if kind == HELLO:
        return _hello(data)
    if kind in _BARE:
        return _bare(data)
    raise Refused("unknown_type")


def is_input(data: bytes) -> bool:
    """Return True if `data` is a valid INPUT. This message is so frequent that its bytes are passed on undecoded."""
    return len(data) == 4 and data[0] == INPUT and data[3] <= _THRUST


def encode_hello(*, name: str = "", ticket: bytes = b"", full: bool = False, sparse: bool = False) -> bytes:
    raw = name.encode()
    assert len(raw) <= MAX_NAME
    assert len(ticket) <= MAX_TICKET
    flags = full * _FULL | sparse * _SPARSE
    capabilities = bytes([flags]) if flags else b""
    return b"".join(
        (
            bytes([HELLO, len(raw)]),
            raw,
            len(ticket).to_bytes(2, "little"),
            ticket,
            bytes([len(capabilities)]),
            capabilities,
        )
    )


def encode_input(sequence: int, heading: int, *, thrusting: bool) -> bytes:
    """Return an INPUT; sequence and heading are 0 to 255."""
    return bytes([INPUT, sequence, heading, thrusting])


def encode_ping(nonce: int) -> bytes:
    """Return a PING; nonce is 0 to 2^32 - 1."""
    return bytes([PING]) + nonce.to_bytes(4, "little")


def encode_bare(message: Resync | Pause | Resume) -> bytes:
    """Return a message without a body."""
    return bytes([next(kind for kind, bare in _BARE.items() if bare == message)])


def _input(data: bytes) -> Input:
    if len(data) != 4:
        raise Refused("length")
    _, sequence, heading, buttons = data
    if buttons & ~_THRUST:
        raise Refused("reserved_bits")
    return Input(sequence, heading, bool(buttons))


def _ping(data: bytes) -> Ping:
    if len(data) != _PING.size:
        raise Refused("length")
    return Ping(*_PING.unpack(data))


def _bare(data: bytes) -> ClientMessage:
    if len(data) != 1:
        raise Refused("length")
    return _BARE[data[0]]


def _hello(data: bytes) -> Hello:
    name, offset = _field(data, 1, size_bytes=1)
    ticket, offset = _field(data, offset, size_bytes=2)
    capabilities, offset = _field(data, offset, size_bytes=1, limit=MAX_CAPABILITIES)
    if offset != len(data):
        raise Refused("length")
    if len(ticket) > MAX_TICKET:
        raise Refused("ticket")
    flags = capabilities[0] if capabilities else 0
    return Hello(_name(name), ticket, full=bool(flags & _FULL), sparse=bool(flags & _SPARSE))


def _field(data: bytes, offset: int, *, size_bytes: int, limit: int | None = None) -> tuple[bytes, int]:
    start = offset + size_bytes
    size = int.from_bytes(data[offset:start], "little")
    if start > len(data):
        raise Refused("length")
    if limit is not None and size > limit:
        raise Refused("capabilities")
    if start + size > len(data):
        raise Refused("length")
    return data[start : start + size], start + size


def _name(raw: bytes) -> str:
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        raise Refused("name") from None
    if len(raw) > MAX_NAME or any(unicodedata.category(character) == "Cc" for character in name):
        raise Refused("name")
    return name
