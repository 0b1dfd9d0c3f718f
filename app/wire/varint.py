"""Unsigned LEB128 integers of at most 4 bytes, in their shortest form only."""

from typing import Final

from app.wire.refusal import Refused

LIMIT: Final = 1 << 28  # one more than the greatest value of four bytes


def write(value: int) -> bytes:
    """Return `value`, 0 to LIMIT - 1, as 1 to 4 bytes."""
    assert 0 <= value < LIMIT, value
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read(data: bytes, offset: int) -> tuple[int, int]:
    """Return (value, offset after it). Raises Refused("length" | "varint")."""
    value = 0
    for count in range(4):
        if offset + count >= len(data):
            raise Refused("length")
        byte = data[offset + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            if byte == 0 and count:
                raise Refused("varint")
            return value, offset + count + 1
    raise Refused("varint")
