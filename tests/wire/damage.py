"""Damaged messages: valid ones of which some bytes are other ones, missing or too many."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from app.wire import uplink


@st.composite
def hurt(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Return bytes of `whole` with a few replaced by up to three others each."""
    data = bytearray(draw(whole))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(data)))
        data[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)


def damaged(
    messages: st.SearchStrategy[Any], versions: st.SearchStrategy[int], in_format: Callable[[Any, int], Any]
) -> st.SearchStrategy[bytes]:
    return hurt(st.builds(lambda message, version: uplink.encode(in_format(message, version)), messages, versions))
