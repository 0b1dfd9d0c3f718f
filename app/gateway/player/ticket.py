"""Tickets: a player keeps one to come back to the same ship through any gateway. Signed with the site's secret key.

The secret may be rotated (Django's SECRET_KEY_FALLBACKS are read too). A ticket names the player and the connection
that received it. It names no ship, since only the tick decides which ship a player has. Players keep tickets across
releases and rollbacks, so tickets of any format are read: fields are only appended, and unknown ones are ignored.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from django.core import signing

from app.wire.formats import FORMAT

_SALT: Final = "flotilla.ticket"  # change it if the first fields ever change
_MAX_PLAYER: Final = (1 << 64) - 1
_MAX_GENERATION: Final = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Ticket:
    """A player, and the generation of the connection that has the ticket. Generation 0 means: no connection yet."""

    player: int
    generation: int = 0


def fresh() -> Ticket:
    """Return the identity of a new player, which cannot be guessed."""
    return Ticket(secrets.randbelow(_MAX_PLAYER) + 1)


def encode(ticket: Ticket) -> bytes:
    value = f"{FORMAT}.{ticket.player:x}.{ticket.generation}"
    return signing.Signer(salt=_SALT, sep="~").sign(value).encode()


def decode(data: bytes) -> Ticket | None:
    """Return the ticket in `data`, or None if this site did not sign it or a field is invalid. Never raises."""
    try:
        value = signing.Signer(salt=_SALT, sep="~").unsign(data.decode("ascii"))
        _format, player, generation, *_later = value.split(".")
        ticket = Ticket(int(player, 16), int(generation))
    except (signing.BadSignature, ValueError):
        return None
    known = 0 < ticket.player <= _MAX_PLAYER and 0 <= ticket.generation <= _MAX_GENERATION
    return ticket if known else None
