"""Reads whole, small, masked data frames and pongs: what a playing client sends. Autobahn reads everything else.

It stops before the first frame that is not whole, not final, neither data nor pong, not masked, longer than 125 bytes,
has a reserved bit, or is text but not UTF-8 (RFC 6455, 5.2). No I/O.
"""

from struct import Struct
from typing import Final, Protocol

from app.gateway.player.controls import Receiver

_TEXT: Final = 0x81  # final frame of text
_BINARY: Final = 0x82  # final frame of bytes
_PONG: Final = 0x8A  # final frame that answers a ping
_MASKED: Final = 0x80
_LONGEST: Final = 0x80 | 125  # masked, with the greatest length that fits into this byte
_HEAD: Final = 6  # two bytes and the mask
_MASK: Final = 4  # bytes
_WORD = Struct("<I")
_PAIR = Struct("<II")


class Socket(Protocol):
    """The socket of the frames."""

    fast: bool
    """True: read the next frame here. A receiver that closes the socket sets it to False."""

    receiver: Receiver
    """The receiver of all payloads."""

    def ponged(self) -> None:
        """Record a pong of the peer."""


def read(data: bytes, socket: Socket) -> int:
    """Pass the payloads of `data` to the receiver of `socket` while it is fast. Return the offset of the rest."""
    offset, size, receiver = 0, len(data), socket.receiver
    while size - offset >= _HEAD and socket.fast:
        kind, length = data[offset], data[offset + 1]
        end = offset + _HEAD + length - _MASKED
        if not _MASKED <= length <= _LONGEST or end > size:
            break
        if kind == _BINARY:
            receiver.receive_bytes(_unmasked(data, offset + _HEAD, end))
        elif kind == _PONG:
            socket.ponged()
        elif kind != _TEXT or not _pass_text(_unmasked(data, offset + _HEAD, end), receiver):
            break
        offset = end
    return offset


def _pass_text(payload: bytes, receiver: Receiver) -> bool:
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return False
    receiver.receive_text(text)
    return True


def _unmasked(data: bytes, start: int, end: int) -> bytes:
    """Return the payload from `start` to `end`. The mask lies before it; both are combined as long integers."""
    length = end - start
    if length == _MASK:  # an INPUT has 4 bytes, as its mask
        mask_bits, bits = _PAIR.unpack_from(data, start - _MASK)
        return _WORD.pack(mask_bits ^ bits)
    mask = (data[start - _MASK : start] * (length // _MASK + 1))[:length]
    return (int.from_bytes(data[start:end], "little") ^ int.from_bytes(mask, "little")).to_bytes(length, "little")
