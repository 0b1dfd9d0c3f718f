"""The version of all that processes of a site write for each other: batches, answers, snapshots, checkpoint, tickets.

A release reads its own format and the previous one, and writes the newest that all who listen can read: so a rollout,
or its rollback, needs no order. Whatever else comes is refused as "format", which is counted; nobody acts on it.
docs/versions.md has every combination, and how to change a format.
"""

from typing import Annotated, Final

import msgspec

from app.wire.refusal import Refused

FORMAT: Final = 3  # laid out as 2 was; since then a checkpoint says who can read it, and a greeting goes out in both
PREVIOUS: Final = FORMAT - 1

U32 = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF_FFFF)]
"""An epoch or a tick: whoever acted on one that does not fit into frames could never write a frame again."""

Version = Annotated[int, msgspec.Meta(ge=1)]

Channel = Annotated[str, msgspec.Meta(max_length=99, pattern=r"\A[A-Za-z0-9_.-]+(![A-Za-z0-9_.-]*)?\Z")]
"""Where to answer: a name that a channel layer takes, since one that it refuses would cost everybody's frame."""


def readable(version: int) -> int:
    """Return `version` if this release reads it; raises Refused("format")."""
    if version not in {PREVIOUS, FORMAT}:
        raise Refused("format")
    return version


def common(reads: int) -> int:
    """Return the format to write to somebody who reads `reads` and the one before it: the newest that we write too."""
    return max(PREVIOUS, min(FORMAT, reads))
