"""app.wire.inputs: whatever a client sends is a message or a refusal."""

from hypothesis import example, given
from hypothesis import strategies as st

from app.wire import inputs
from app.wire.inputs import Hello, Input, Pause, Ping, Resume, Resync
from app.wire.refusal import Refused

REASONS = {"empty", "unknown_type", "length", "reserved_bits", "name", "ticket", "capabilities"}

names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8)
messages = st.one_of(
    st.builds(Input, st.integers(0, 255), st.integers(0, 255), st.booleans()),
    st.builds(Ping, st.integers(0, 2**32 - 1)),
    st.builds(Hello, names, st.binary(max_size=inputs.MAX_TICKET), st.booleans()),
    st.sampled_from([Resync(), Pause(), Resume()]),
)


def encoded(message: inputs.ClientMessage) -> bytes:
    """Return the bytes of `message`."""
    match message:
        case Hello(name, ticket, full):
            return inputs.encode_hello(name=name, ticket=ticket, full=full)
        case Input(sequence, heading, thrusting):
            return inputs.encode_input(sequence, heading, thrusting=thrusting)
        case Ping(nonce):
            return inputs.encode_ping(nonce)
        case bare:
            return inputs.encode_bare(bare)


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
