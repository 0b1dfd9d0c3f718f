"""app.wire.uplink: batches and answers between gateway and tick."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire import uplink
from app.wire.refusal import Refused
from app.wire.uplink import Answer, Batch, Berth, Entry

numbers = st.integers(0, 2**63)
batches = st.builds(
    Batch,
    format=st.just(uplink.FORMAT),
    gateway=st.text(max_size=9),
    reply=st.text(max_size=9),
    epoch=numbers,
    roster_version=numbers,
    roster=st.none() | st.lists(st.builds(Entry, numbers, numbers, numbers), max_size=4),
    steers=st.binary(max_size=4).map(lambda b: b * uplink.STEER.itemsize),
)
answers = st.builds(
    Answer,
    format=st.just(uplink.FORMAT),
    epoch=numbers,
    tick=numbers,
    berths=st.lists(st.builds(Berth, numbers, numbers, numbers), max_size=4),
    roster_wanted=st.booleans(),
)


@given(batches, answers)
def test_what_is_written_is_read(batch: Batch, answer: Answer) -> None:
    """Both directions survive the way through the channel layer."""
    assert batch == uplink.decode_batch(uplink.encode(batch))
    assert answer == uplink.decode_answer(uplink.encode(answer))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_a_refusal_by_name(data: bytes) -> None:
    """No bytes raise anything but Refused."""
    for decode in (uplink.decode_batch, uplink.decode_answer):
        try:
            decode(data)
        except Refused as refused:
            assert refused.reason in {"format", "shape"}


def test_half_a_row_is_refused() -> None:
    """Inputs come in whole rows."""
    with pytest.raises(Refused, match="shape"):
        uplink.decode_batch(uplink.encode(Batch(uplink.FORMAT, "g", "r", 1, 1, None, b"123")))


def test_another_format_is_refused_as_such() -> None:
    """A batch of a newer release is told from a damaged one."""
    with pytest.raises(Refused, match="format"):
        uplink.decode_batch(uplink.encode(Batch(uplink.FORMAT + 1, "g", "r", 1, 1, None, b"")))
