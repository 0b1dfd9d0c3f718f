"""What the players of a crowd saw in one phase of a scenario: the figures that every check reads."""

from collections.abc import Sequence

import msgspec


class Jumps(msgspec.Struct):
    """Distances of ships from their exact course after each discontinuity, in units."""

    coasting: list[float] = msgspec.field(default_factory=list)
    steering: list[float] = msgspec.field(default_factory=list)
    beyond: list[float] = msgspec.field(default_factory=list)  # of steering, the part that lost inputs cannot explain


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
    resumed: Spread  # per player: from `note` to its next frame
    gap_p99_ms: float  # of all gaps between frames of all players
    frames: int
    closes: dict[str, int]  # by close code; 1006: the connection ended without one
    refusals: dict[str, int]  # handshakes, by HTTP status; 0: no answer
    reconnects: int
    reconnects_max: int  # of one player
    closed_twice_by: int  # players that one gateway closed more than once
    epochs: list[int]
    older_epochs: int  # frames of an older epoch after a newer one
    ticks_back: int  # frames of an earlier tick within an epoch
    misfits: int  # frames that did not follow the one before
    ships_lost: int  # players that got another ship
    ships_shared: int  # players whose ship another player has too
    stayed_away: int
    paused: int  # players that got a STATUS with a paused world
    ships_missing: int  # witnesses whose ship is not in their frames
    jumps: Jumps
    lag_p99_ms: float  # of the crowd's own event loop
    refused_because: dict[str, int] = {}  # handshakes, by error text


def spread(values: Sequence[float]) -> Spread:
    ordered = sorted(values)
    return Spread(quantile(ordered, 0.5), quantile(ordered, 0.99), ordered[-1]) if ordered else Spread()


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value that `share` of the ascending values do not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
