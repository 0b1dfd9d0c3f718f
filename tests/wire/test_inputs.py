"""app.wire.inputs: any bytes of a client are a message or a refusal."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.wire import inputs
from app.wire.inputs import Hello, Input, Pause, Ping, Resume, Resync
from app.wire.refusal import Refused
from tests.wire.client_messages import encoded

REASONS = {"empty", "unknown_type", "length", "reserved_bits", "name", "ticket", "capabilities"}

names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8)
messages = st.one_of(
    st.builds(Input, st.integers(0, 255), st.integers(0, 255), st.booleans()),
    st.builds(Ping, st.integers(0, 2**32 - 1)),
    st.builds(Hello, names, st.binary(max_size=inputs.MAX_TICKET), st.booleans(), st.booleans()),
    st.sampled_from([Resync(), Pause(), Resume()]),
)


@given(messages)
def test_what_is_written_is_read(message: inputs.ClientMessage) -> None:
    """Every message survives the way over the wire."""
    assert message == inputs.decode(encoded(message))


@given(st.one_of(st.binary(max_size=600), st.binary(max_size=8).map(lambda b: b"\x01" + b)))
@example(b"\x01\x00\xff\xff")
def test_any_bytes_are_a_message_or_a_refusal_by_name(data: bytes) -> None:
    """No bytes raise anything but Refused, with a reason from the page."""
    try:
        message = inputs.decode(data)
    except Refused as refused:
        assert refused.reason in REASONS
    else:
        assert message == inputs.decode(encoded(message))


def test_fields_may_have_the_greatest_length_of_the_page() -> None:
    """32 bytes of name, 512 of ticket, 8 of capabilities; one more is refused."""
    longest = Hello("a" * 32, b"t" * 512, full=True)
    assert longest == inputs.decode(encoded(longest))
    hello = b"\x01\x00\x00\x00"
    assert Hello("", b"", full=True) == inputs.decode(hello + b"\x08\x01" + bytes(7))
    for data, reason in (
        (b"\x01\x21" + b"a" * 33 + bytes(3), "name"),
        (b"\x01\x00\x01\x02" + b"t" * 513 + bytes(1), "ticket"),
        (hello + b"\x09\x01" + bytes(8), "capabilities"),
    ):
        with pytest.raises(Refused, match=reason):
            inputs.decode(data)


@given(st.builds(bytes.__add__, st.just(b"\x02") | st.binary(max_size=1), st.binary(max_size=4)))
@example(b"\x02\x00\x00\x02")
def test_the_short_way_for_inputs_agrees_with_the_decoder(data: bytes) -> None:
    """An INPUT that is passed on undecoded would have been decoded."""
    try:
        decoded = isinstance(inputs.decode(data), Input)
    except Refused:
        decoded = False
    assert decoded == inputs.is_input(data)


@given(messages, st.data())
def test_damage_is_noticed_or_means_something(message: inputs.ClientMessage, data: st.DataObject) -> None:
    """A message with one byte changed, cut off or added is a message or a refusal."""
    raw = bytearray(encoded(message))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = data.draw(st.integers(0, 255))
    for damaged in (bytes(raw), bytes(raw[:at]), bytes(raw) + b"\x00"):
        try:
            inputs.decode(damaged)
        except Refused as refused:
            assert refused.reason in REASONS
