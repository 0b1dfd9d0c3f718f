"""Tickets: what a player carries to come back to the same ship, over any gateway. Signed with the site's secret key.

The secret may be rotated (Django's SECRET_KEY_FALLBACKS are read too). A ticket says who, and which connection of
theirs it was given to; it names no ship, since only the tick knows which one that is. Players carry tickets past every
rollout and rollback, so those of any format are read: fields are only ever appended, and later ones ignored.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from django.core import signing

from app.wire.formats import FORMAT

_SALT: Final = "flotilla.ticket"  # another one, should the first fields ever change
_MAX_PLAYER: Final = (1 << 64) - 1
_MAX_GENERATION: Final = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Ticket:
    """A player, and the generation of the connection that has the ticket; 0 before there was one."""

    player: int
    generation: int = 0


def fresh() -> Ticket:
    """Return the identity of somebody new; nobody can guess it."""
    return Ticket(secrets.randbelow(_MAX_PLAYER) + 1)


def encode(ticket: Ticket) -> bytes:
    """Return `ticket`, signed."""
    value = f"{FORMAT}.{ticket.player:x}.{ticket.generation}"
    return signing.Signer(salt=_SALT, sep="~").sign(value).encode()


def decode(data: bytes) -> Ticket | None:
    """Return the ticket in `data`, or None if it is none of ours."""
    try:
        value = signing.Signer(salt=_SALT, sep="~").unsign(data.decode("ascii"))
        _format, player, generation, *_later = value.split(".")
        ticket = Ticket(int(player, 16), int(generation))
    except (signing.BadSignature, ValueError):
        return None
    known = 0 < ticket.player <= _MAX_PLAYER and 0 <= ticket.generation <= _MAX_GENERATION
    return ticket if known else None
