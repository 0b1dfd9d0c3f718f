"""Server to client, flotilla.v1: envelopes (type, length, body), one or more in a WebSocket message."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

from app.wire import records, varint
from app.wire.records import SIZE, Records
from app.wire.refusal import Refused

VERSION: Final = 1
TICK_RATE: Final = 20  # per second
SUBUNITS: Final = 1024  # per unit

WELCOME: Final = 0x81
KEYFRAME: Final = 0x82
DELTA: Final = 0x83
FULL: Final = 0x84
CHECKSUM: Final = 0x85
PONG: Final = 0x86
STATUS: Final = 0x87
GOODBYE: Final = 0x88
ROSTER: Final = 0x89  # reserved
NOTICE: Final = 0x8A  # reserved
REFUSAL: Final = 0x8B  # reserved

_WELCOME = struct.Struct("<BBHIIIHHH")
_MOMENT = struct.Struct("<II")
_U32 = struct.Struct("<I")
_U16 = struct.Struct("<H")


@dataclass(frozen=True, slots=True)
class Welcome:
    """The ship of this session's player."""

    epoch: int
    tick: int
    ship: int
    arena: int
    ticket: bytes = b""


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The exact state of every ship in the arena."""

    epoch: int
    tick: int
    records: Records


@dataclass(frozen=True, slots=True)
class Full:
    """The rounded state of every ship in the arena, for clients that do not simulate."""

    epoch: int
    tick: int
    pictures: NDArray[Any]


@dataclass(frozen=True, slots=True)
class DeltaBody:
    """A delta as bytes: decoding it needs the state before it (app.wire.delta)."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Checksum:
    """The CRC-32 of the arena after the preceding frame."""

    crc: int


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a Ping."""

    nonce: int


@dataclass(frozen=True, slots=True)
class Status:
    """Whether the world stands still."""

    paused: bool


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The server will close the socket; reconnect this long after the close."""

    reconnect_after_ms: int


ServerMessage = Welcome | Keyframe | Full | DeltaBody | Checksum | Pong | Status | Goodbye


def envelope(kind: int, body: bytes) -> bytes:
    """Return `body` after its type and length."""
    return bytes([kind]) + varint.write(len(body)) + body


def encode_welcome(message: Welcome) -> bytes:
    head = _WELCOME.pack(
        VERSION,
        TICK_RATE,
        SUBUNITS,
        SIZE,
        message.epoch,
        message.tick,
        message.ship,
        message.arena,
        len(message.ticket),
    )
    return envelope(WELCOME, head + message.ticket)


def encode_keyframe(epoch: int, tick: int, ships: Records) -> bytes:
    return envelope(KEYFRAME, _MOMENT.pack(epoch, tick) + ships.tobytes())


def encode_full(epoch: int, tick: int, ships: Records) -> bytes:
    return envelope(FULL, _MOMENT.pack(epoch, tick) + records.picture(ships))


def encode_checksum(ships: Records) -> bytes:
    return envelope(CHECKSUM, _U32.pack(records.checksum(ships)))


def encode_pong(nonce: int) -> bytes:
    return envelope(PONG, _U32.pack(nonce))


def encode_status(*, paused: bool) -> bytes:
    return envelope(STATUS, bytes([paused]))


def encode_goodbye(reconnect_after_ms: int) -> bytes:
    """Return a GOODBYE; `reconnect_after_ms` is 0 to 65535."""
    return envelope(GOODBYE, _U16.pack(reconnect_after_ms))


def decode(data: bytes) -> list[ServerMessage]:
    """Return the messages of one WebSocket message; unknown types are ignored. Raises only Refused."""
    if not data:
        raise Refused("empty")
    messages: list[ServerMessage] = []
    offset = 0
    while offset < len(data):
        kind = data[offset]
        size, start = varint.read(data, offset + 1)
        offset = start + size
        if offset > len(data):
            raise Refused("length")
        if kind in _READERS:
            messages.append(_READERS[kind](data[start:offset]))
    return messages


def _welcome(body: bytes) -> Welcome:
    if len(body) < _WELCOME.size:
        raise Refused("length")
    version, tick_rate, subunits, size, epoch, tick, ship, arena, ticket_size = _WELCOME.unpack_from(body)
    if (version, tick_rate, subunits, size) != (VERSION, TICK_RATE, SUBUNITS, SIZE):
        raise Refused("version")
    ticket = body[_WELCOME.size : _WELCOME.size + ticket_size]
    if len(ticket) != ticket_size:
        raise Refused("length")
    return Welcome(epoch, tick, ship, arena, ticket)


def _moment(body: bytes) -> tuple[int, int]:
    if len(body) < _MOMENT.size:
        raise Refused("length")
    epoch, tick = _MOMENT.unpack_from(body)
    return epoch, tick


def _keyframe(body: bytes) -> Keyframe:
    epoch, tick = _moment(body)
    return Keyframe(epoch, tick, records.read(body[_MOMENT.size :]))


def _full(body: bytes) -> Full:
    epoch, tick = _moment(body)
    return Full(epoch, tick, records.read_pictures(body[_MOMENT.size :]))


def _checksum(body: bytes) -> Checksum:
    if len(body) != _U32.size:
        raise Refused("length")
    return Checksum(*_U32.unpack(body))


def _pong(body: bytes) -> Pong:
    if len(body) != _U32.size:
        raise Refused("length")
    return Pong(*_U32.unpack(body))


def _status(body: bytes) -> Status:
    if not body:
        raise Refused("length")
    if body[0] > 1:
        raise Refused("range")
    return Status(paused=bool(body[0]))


def _goodbye(body: bytes) -> Goodbye:
    if len(body) < _U16.size:
        raise Refused("length")
    return Goodbye(*_U16.unpack_from(body))


_READERS: Final[dict[int, Callable[[bytes], ServerMessage]]] = {
    WELCOME: _welcome,
    KEYFRAME: _keyframe,
    DELTA: DeltaBody,
    FULL: _full,
    CHECKSUM: _checksum,
    PONG: _pong,
    STATUS: _status,
    GOODBYE: _goodbye,
}
