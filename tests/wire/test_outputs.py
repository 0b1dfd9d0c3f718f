"""app.wire.outputs: damage that no vector of docs/protocol.md has; tests/wire/test_golden.py has the others."""

import pytest

from app.wire import outputs
from app.wire.outputs import WELCOME, Goodbye, Status, Welcome, envelope
from app.wire.refusal import Refused

TICKET = b"a ticket"


def welcome_body() -> bytes:
    return outputs.encode_welcome(Welcome(7, 50, 9, 3, TICKET))[2:]


def test_a_welcome_carries_its_whole_ticket() -> None:
    """A longer body is of a later release; with a shorter one the player could not resume."""
    body = welcome_body()
    whole = Welcome(7, 50, 9, 3, TICKET)
    assert [whole, whole] == [outputs.decode(envelope(WELCOME, data))[0] for data in (body, body + b"more")]
    for size in range(len(body)):
        with pytest.raises(Refused, match="length"):
            outputs.decode(envelope(WELCOME, body[:size]))


def test_an_envelope_is_whole() -> None:
    """A message that was cut at any byte is refused."""
    data = outputs.encode_status(paused=True) + outputs.encode_goodbye(250)
    assert [Status(paused=True), Goodbye(250)] == outputs.decode(data)
    for size in (0, 1, 2, 4, 5, 6):
        with pytest.raises(Refused):
            outputs.decode(data[:size])
