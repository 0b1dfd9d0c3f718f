import pytest
from django.core import signing
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from app.gateway.player import ticket
from app.gateway.player.ticket import Ticket
from app.wire.inputs import MAX_TICKET

U64, U32 = (1 << 64) - 1, (1 << 32) - 1
tickets = st.builds(Ticket, st.integers(1, U64), st.integers(0, U32))


@given(tickets)
def test_a_ticket_can_be_decoded_again(given_out: Ticket) -> None:
    """It also fits into HELLO."""
    carried = ticket.encode(given_out)
    assert given_out == ticket.decode(carried)
    assert len(carried) <= MAX_TICKET / 4


@given(st.binary(max_size=MAX_TICKET) | st.text(max_size=100).map(str.encode))
def test_other_bytes_are_not_a_ticket(data: bytes) -> None:
    """For any bytes the result is None, never an exception."""
    assert ticket.decode(data) is None


@given(tickets, st.data())
def test_a_changed_ticket_is_invalid(given_out: Ticket, data: st.DataObject) -> None:
    """Any byte may be changed, removed or added."""
    carried = bytearray(ticket.encode(given_out))
    place = data.draw(st.integers(0, len(carried) - 1))
    change = data.draw(st.sampled_from(["replace", "remove", "insert"]))
    if change == "replace":
        carried[place] ^= data.draw(st.integers(1, 255))
    elif change == "remove":
        del carried[place]
    else:
        carried.insert(place, data.draw(st.integers(0, 255)))
    found = ticket.decode(bytes(carried))
    assert found is None or bytes(carried) == ticket.encode(given_out)


@pytest.mark.parametrize(
    "value", ["", "1", "1.ada", "1.0.7", "1.-1.7", "1.ada.-1", "1.x.y", "9.x.y.ada.7", f"1.{U64 + 1:x}.0"]
)
def test_a_signature_alone_makes_no_ticket(value: str) -> None:
    """The site may have signed something else, or the required fields are missing."""
    signed = signing.Signer(salt="flotilla.ticket", sep="~").sign(value)
    assert ticket.decode(signed.encode()) is None


@given(tickets, st.integers(1, 99), st.lists(st.text("0aZ-", max_size=5), max_size=3))
def test_the_ticket_of_another_release_names_the_same_player(given_out: Ticket, version: int, later: list[str]) -> None:
    """A rollback reads tickets of the newer release. Fields after the first ones are ignored."""
    value = ".".join([str(version), f"{given_out.player:x}", str(given_out.generation), *later])
    carried = signing.Signer(salt="flotilla.ticket", sep="~").sign(value)
    assert given_out == ticket.decode(carried.encode())


def test_a_signature_for_another_purpose_does_not_count() -> None:
    """The salt separates tickets from everything else that the site signs with the same key."""
    assert ticket.decode(signing.Signer(sep="~").sign("1.ada.7").encode()) is None


def test_tickets_stay_valid_when_the_key_is_rotated() -> None:
    """Tickets of the previous key are valid while it is a fallback."""
    with override_settings(SECRET_KEY="the key before"):
        carried = ticket.encode(Ticket(7, 3))
    assert ticket.decode(carried) is None
    with override_settings(SECRET_KEY_FALLBACKS=["the key before"]):
        assert Ticket(7, 3) == ticket.decode(carried)


def test_a_player_cannot_be_guessed() -> None:
    """Identities are random and never 0, which means: no player."""
    fresh = {ticket.fresh().player for _ in range(1000)}
    assert len(fresh) == 1000
    assert 0 not in fresh
