"""What the process of a crew and the conductor say to each other, each as a line of JSON."""

import msgspec

from loadtest.measure.result import Player
from loadtest.players.door import Door


class Assignment(msgspec.Struct):
    """A crew's share of the test; the first line that it reads."""

    door: Door
    protocol: str
    inputs: str
    arrivals: list[tuple[int, float]]  # number, and seconds since the beginning
    departures: list[float]  # somebody leaves, half of the time without a word
    seconds: float
    moment_s: float
    seed: int


class Command(msgspec.Struct):
    """What the conductor asks later: `begin` at a moment of time.monotonic, which is one clock for all; or `stop`."""

    do: str
    at: float = 0.0


class Ready(msgspec.Struct, tag=True):
    """The crew waits for the beginning."""


class Moment(msgspec.Struct, tag=True):
    """What a crew saw in one moment of the series."""

    index: int
    open: int
    begun: int  # players who were sent so far
    frames: int
    gaps: str  # histograms as text
    lag: str
    failures: int
    closes: int
    reconnects: int
    cpu: float  # cores


class Final(msgspec.Struct, tag=True):
    """All that a crew noted; its last line."""

    seconds: float
    players: list[Player]
    joins: int
    joins_failed: int
    histograms: dict[str, str]
    bytes_sent: int
    closes: dict[int, int]
    refusals: dict[int, int]
    errors: dict[str, int]
    decode_errors: int
    cpu_s: float
    cpu_max: float
    dropped: int


Report = Ready | Moment | Final
