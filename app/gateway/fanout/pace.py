"""How rarely a client accepts frames, which the capabilities in its HELLO decide."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Pace:
    """The limits of one kind of client, in ticks."""

    ticks_per_write: int  # most ticks of one write, however busy the gateway is
    quiet: int  # most ticks without a write while nothing changes


# A page without the capability draws the world two ticks late, so a longer silence stops its picture.
DENSE: Final = Pace(ticks_per_write=3, quiet=1)
SPARSE: Final = Pace(ticks_per_write=4, quiet=5)
