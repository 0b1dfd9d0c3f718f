"""app.wire.varint: shortest LEB128 of at most four bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire import varint
from app.wire.refusal import Refused


@given(st.integers(0, varint.LIMIT - 1), st.binary(max_size=3))
def test_what_is_written_is_read(value: int, rest: bytes) -> None:
    """A value survives, and the reader stops behind it."""
    data = varint.write(value)
    assert (value, len(data)) == varint.read(data + rest, 0)


@pytest.mark.parametrize(
    ("data", "reason"),
    [("", "length"), ("80", "length"), ("8000", "varint"), ("8080808000", "varint"), ("8080808001", "varint")],
)
def test_bad_varints_are_refused_by_name(data: str, reason: str) -> None:
    """Cut off, longer than needed, or too long."""
    with pytest.raises(Refused, match=reason):
        varint.read(bytes.fromhex(data), 0)
