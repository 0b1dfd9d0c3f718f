"""The format version of everything between processes: uplink batches, answers, snapshots, checkpoints and tickets.

A release reads its own format and the previous one, and writes the newest that all its readers support. So a rollout or
a rollback needs no order. Any other format is refused as "format" and counted.
docs/versions.md has every combination, and how to change a format.
"""

from typing import Annotated, Final

import msgspec

from app.wire.refusal import Refused

FORMAT: Final = 3  # layout as in 2; new: a checkpoint names its readers, and a greeting is sent in both formats
PREVIOUS: Final = FORMAT - 1

U32 = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF_FFFF)]
"""An epoch or a tick. One that does not fit into a frame must be refused, or every later frame would fail."""

Version = Annotated[int, msgspec.Meta(ge=1)]

Channel = Annotated[str, msgspec.Meta(max_length=99, pattern=r"\A[A-Za-z0-9_.-]+(![A-Za-z0-9_.-]*)?\Z")]
"""The channel for answers, as a channel layer accepts it. A name that it refuses would cost every player's frame."""


def readable(version: int) -> int:
    """Return `version` if this release reads it. Raises Refused("format") otherwise."""
    if version not in {PREVIOUS, FORMAT}:
        raise Refused("format")
    return version


def common(reads: int) -> int:
    """Return the newest format of this release for a reader of `reads` and the format before it."""
    return max(PREVIOUS, min(FORMAT, reads))
