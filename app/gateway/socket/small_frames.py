"""Reads whole, small, masked data frames and pongs, which is what a playing client sends; all else is autobahn's.

Pure: bytes in, payloads out, and where it stopped. It stops before the first frame that is not whole, not final,
neither data nor pong, not masked, longer than 125 bytes, has a reserved bit, or is text but no UTF-8 (RFC 6455, 5.2).
"""

from struct import Struct
from typing import Final, Protocol

from app.gateway.player.controls import Receiver

_TEXT: Final = 0x81  # final frame of text
_BINARY: Final = 0x82  # final frame of bytes
_PONG: Final = 0x8A  # final frame that answers a ping
_MASKED: Final = 0x80
_LONGEST: Final = 0x80 | 125  # masked, the greatest length that its own byte can say
_HEAD: Final = 6  # two bytes and the mask
_MASK: Final = 4  # bytes
_WORD = Struct("<I")
_PAIR = Struct("<II")


class Socket(Protocol):
    """The socket that the frames come from."""

    fast: bool
    """Whether to go on here; a receiver that closes the socket unsets it."""

    receiver: Receiver
    """Where payloads go; a receiver may give the next ones to another."""

    def ponged(self) -> None:
        """The peer sent a pong."""


def read(data: bytes, socket: Socket) -> int:
    """Give the payloads of `data` to the receiver of `socket` while it is fast; return where this stopped."""
    offset, size = 0, len(data)
    while size - offset >= _HEAD and socket.fast:
        kind, length = data[offset], data[offset + 1]
        end = offset + _HEAD + length - _MASKED
        if not _MASKED <= length <= _LONGEST or end > size:
            break
        if kind == _BINARY:
            socket.receiver.receive_bytes(_unmasked(data, offset + _HEAD, end))
        elif kind == _PONG:
            socket.ponged()
        elif kind != _TEXT or not _give_text(_unmasked(data, offset + _HEAD, end), socket.receiver):
            break
        offset = end
    return offset


def _give_text(payload: bytes, receiver: Receiver) -> bool:
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return False
    receiver.receive_text(text)
    return True


def _unmasked(data: bytes, start: int, end: int) -> bytes:
    """Return the payload from `start` to `end`, whose mask lies before it: one exclusive or of two long integers."""
    length = end - start
    if length == _MASK:  # an INPUT: 4 bytes, as long as its mask
        mask_bits, bits = _PAIR.unpack_from(data, start - _MASK)
        return _WORD.pack(mask_bits ^ bits)
    mask = (data[start - _MASK : start] * (length // _MASK + 1))[:length]
    return (int.from_bytes(data[start:end], "little") ^ int.from_bytes(mask, "little")).to_bytes(length, "little")
