"""What a crowd saw since it was last asked to begin anew: the figures on which every judgement rests."""

from collections.abc import Sequence
from typing import Final

import msgspec

MAX_GAP_MS: Final = 2000  # longer gaps between frames are counted as this; freezes are kept exactly


class Jumps(msgspec.Struct):
    """How far ships were from where exact movement leads, after each discontinuity, in units."""

    coasting: list[float] = msgspec.field(default_factory=list)
    steering: list[float] = msgspec.field(default_factory=list)
    beyond: list[float] = msgspec.field(default_factory=list)  # of steering, what lost inputs cannot explain


class Spread(msgspec.Struct):
    """A distribution over players, in seconds."""

    p50: float = 0.0
    p99: float = 0.0
    max: float = 0.0


class Observation(msgspec.Struct):
    """One phase of a crowd."""

    seconds: float
    players: int
    live: int  # got a frame within the last second
    freeze: Spread  # per player: the longest time between two frames, across sockets
    resumed: Spread  # per player: from the mark `note` to its next frame
    unresumed: int  # players without any frame since `note`
    gap_p50_ms: float  # of all gaps between frames of all players
    gap_p99_ms: float
    frames: int
    closes: dict[str, int]  # by close code; 1006 is a socket that just went
    refusals: dict[str, int]  # handshakes, by status; 0 is no answer
    reconnects: int
    reconnects_max: int  # of one player
    closed_twice_by: int  # players whom one gateway closed more than once
    gateways: dict[str, int]  # players by where they are now
    epochs: list[int]
    older_epochs: int  # frames of an older epoch after a newer one
    ticks_back: int  # frames of an earlier tick within an epoch
    misfits: int  # deltas that did not lead where they said, and replicas that lost step
    ships_lost: int  # players who had to take another ship
    ships_shared: int  # players with a ship that somebody else has too
    stayed_away: int
    paused: int  # players who were told that the world stands still
    witnesses: int
    ships_missing: int  # witnesses whose ship is not in the frames that they get
    jumps: Jumps
    lag_p99_ms: float  # of the crowd's own loop
    lag_max_ms: float
    refused_because: dict[str, int] = {}  # handshakes, by what was said


def spread(values: Sequence[float]) -> Spread:
    """Return the distribution of `values`."""
    ordered = sorted(values)
    return Spread(quantile(ordered, 0.5), quantile(ordered, 0.99), ordered[-1]) if ordered else Spread()


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value that `share` of the ascending values do not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Histogram:
    """Counts by millisecond."""

    __slots__ = ("counts",)

    def __init__(self) -> None:
        """Start with nothing."""
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self.counts = [0] * (MAX_GAP_MS + 1)

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[min(MAX_GAP_MS, int(seconds * 1000))] += 1

    def quantile_ms(self, share: float) -> float:
        """Return the upper end of the millisecond in which that share is reached."""
        wanted, seen = share * sum(self.counts), 0
        for milliseconds, count in enumerate(self.counts):
            seen += count
            if seen and seen >= wanted:
                return float(milliseconds + 1)
        return 0.0

    def max_ms(self) -> float:
        """Return the upper end of the last millisecond that was counted."""
        return next((float(i + 1) for i in range(MAX_GAP_MS, -1, -1) if self.counts[i]), 0.0)
