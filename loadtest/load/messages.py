"""The lines of JSON between a process of players and its parent."""

import msgspec

from loadtest.measure.observation import Observation
from loadtest.measure.result import Player
from loadtest.players.door import Door


class CrewTask(msgspec.Struct, tag=True):
    """One process's share of a load test; the first line that it reads."""

    door: Door
    protocol: str
    inputs: str
    arrivals: list[tuple[int, float]]  # number, and seconds since the beginning
    departures: list[float]  # a random player leaves, half of the time without a close frame
    seconds: float
    moment_s: float
    seed: int


class CrowdTask(msgspec.Struct, tag=True):
    """A crowd without players yet; the first line that its process reads."""

    door: Door
    seed: int


class Command(msgspec.Struct):
    """The lines that follow.

    For a crew: `begin` at a time of time.monotonic, which all processes share, and `stop`. For a crowd: the methods of
    RemoteCrowd.
    """

    do: str
    at: float = 0.0
    players: int = 0
    per_second: float = 100.0
    seconds: float = 0.0


class Ready(msgspec.Struct, tag=True):
    """A crew waits for `begin`."""


class Moment(msgspec.Struct, tag=True):
    """A crew's figures of one moment of the series."""

    index: int
    open: int
    frames: int
    gaps: str  # histograms as text
    lag: str
    failures: int
    closes: int
    reconnects: int
    cpu: float  # cores


class Final(msgspec.Struct, tag=True):
    """A crew's figures of the whole run; its last line."""

    seconds: float
    joins: int
    joins_failed: int
    histograms: dict[str, str]
    bytes_received: int
    bytes_sent: int
    closes: dict[str, int]
    refusals: dict[str, int]
    errors: dict[str, int]
    cpu: float  # cores on average
    cpu_max: float
    dropped: int
    players: list[Player] = []
    decode_errors: int = 0


class Answer(msgspec.Struct, tag=True):
    """A crowd's answer to each command: players live, with a frame since `note`, with a new epoch since `mark`."""

    live: int
    resumed: int
    renewed: int
    observation: Observation | None = None


Task = CrewTask | CrowdTask
Report = Ready | Moment | Final
