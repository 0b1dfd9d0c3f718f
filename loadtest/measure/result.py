"""result.json: the result of one load test, in the schema that reports, verdicts and comparisons read.

Times in `series` and `steps` are seconds since the test began; durations are milliseconds; shares are of 1.
A field that could not be measured is null. A reader refuses any `schema` but its own.
"""

import os
import tempfile
from pathlib import Path
from typing import Final, Protocol, TypeVar

import msgspec

from loadtest.measure.latencies import Spread
from loadtest.outcome import CannotRunError

SCHEMA: Final = 1  # raised when a field changes its meaning; new fields with a default do not raise it


class Plan(msgspec.Struct, frozen=True):
    """The settings of the test, complete enough to repeat it."""

    scenario: str  # ramp, soak, storm, churn, rolling, slow-readers; `k6` for a k6 run
    url: str
    protocol: str  # json or v1
    inputs: str  # people, or a rate such as 20/s
    points: list[tuple[float, int]]  # (second, players wanted by then), linear in between
    hold_s: float
    processes: int
    seed: int
    generator: str = "python"  # python, native (the compiled one) or k6
    moment_s: float = 1.0  # length of a moment of the series: more than a second in tests of hours


class Moment(msgspec.Struct, frozen=True):
    """One second of the run (`moment_s` of the plan, in tests of hours), over all players."""

    t_s: float  # its end
    wanted: int  # players by the schedule
    open: int  # connected
    frames: int
    gap: Spread  # of the gaps that ended in this second, corrected for coordinated omission
    failures: int = 0  # joins that failed
    closes: int = 0  # sockets that the server or the network ended
    reconnects: int = 0
    lag_p99_ms: float = 0.0  # of the generator's event loops
    cpu: float | None = 0.0  # cores that the generator used
    server_tick_p99_ms: float | None = None  # from the server's histogram, over the last scrapes
    server_connections: int | None = None


class Step(msgspec.Struct, frozen=True):
    """A part of the run at one size: a hold of the profile, or ten seconds of a ramp."""

    from_s: float
    to_s: float
    players: int  # open at its end
    gap: Spread
    server_tick_p99_ms: float | None = None
    lag_p99_ms: float = 0.0


class Player(msgspec.Struct, frozen=True):
    """One player; every player of the test is listed."""

    number: int
    due_s: float  # when the schedule wanted it
    handshake_ms: float | None  # from due_s to the 101, so that waiting counts; null: it never connected
    first_frame_ms: float | None  # from due_s to the first frame of the world
    frames: int
    gap: Spread
    freeze_ms: float  # longest time between two frames, across its sockets
    bytes: int
    reconnects: int
    closes: list[int]  # codes; 1006: the connection ended without one


class Generator(msgspec.Struct, frozen=True):
    """How well the generator kept its schedule: a late generator measures its own lateness."""

    processes: int
    lag: Spread  # of its event loops
    cpu: float | None  # cores on average
    cpu_max: float | None  # share of its core that the busiest process used in its busiest second
    arrivals_late: Spread  # of connections, against the schedule
    arrivals_dropped: int  # players of the schedule that it did not start
    foreign_cpu: float | None = None  # cores that other programs used, where server and generator share this machine


class Server(msgspec.Struct, frozen=True):
    """Figures from the server's private ports."""

    scrapes: int
    scrapes_failed: int
    tick: Spread | None  # flotilla_tick_duration_seconds over the run; quantiles interpolated within buckets
    tick_overruns: int | None
    ticks_slipped: int | None
    memory_begin_bytes: int | None  # resident, summed over the scraped processes
    memory_end_bytes: int | None
    memory_slope_per_hour: float | None  # relative; least squares after the first tenth of the run
    cpu: float | None  # cores on average
    closes: dict[str, int] = {}
    refusals: dict[str, int] = {}


class Check(msgspec.Struct, frozen=True):
    """One objective and its outcome."""

    objective: str  # a sentence: "gap p99 at most 60 ms"
    value: float | None
    bound: float
    holds: bool | None  # null: not measured
    detail: str = ""  # for a broken objective: the first step that broke it, and by how much


class Verdict(msgspec.Struct, frozen=True):
    """The outcome of this run against its objectives."""

    outcome: str  # pass, fail, inconclusive
    slo: str  # name of the file
    reasons: list[str]  # sentences, the most important first
    checks: list[Check]


class Result(msgspec.Struct, frozen=True):
    """The whole test."""

    schema: int
    version: str  # of Flotilla's load test
    started_at: str  # RFC 3339, UTC
    seconds: float
    interrupted: bool  # stopped early: figures up to then
    plan: Plan
    machine: dict[str, str]
    players: list[Player]
    joins: int  # players that had to join
    joins_failed: int
    handshake: Spread
    first_frame: Spread
    gap: Spread  # corrected for coordinated omission
    gap_uncorrected: Spread
    freeze: Spread  # over players
    input_to_visible: Spread | None  # of the sampled players, which decode every frame
    frame_age: Spread | None  # lateness against the earliest frame, by tick numbers (v1 only)
    histograms: dict[str, str]  # the same distributions as HdrHistogram text, to merge
    bytes_received: int
    bytes_sent: int
    closes: dict[str, int]  # by code, without closes by the test itself
    refusals: dict[str, int]  # handshakes, by HTTP status; "0": no response
    errors: dict[str, int]  # failed joins by kind: refused, timeout, tls, name, protocol, closed
    decode_errors: int
    reconnects: int
    reconnects_max: int  # of one player
    generator: Generator
    series: list[Moment]
    steps: list[Step]
    server: Server | None = None
    verdict: Verdict | None = None


def read(path: Path) -> Result:
    """Return the result at `path`; raises CannotRunError."""
    return read_json(path, Result, SCHEMA, "no result of a load test")


class Document(Protocol):
    """A file of JSON with a schema."""

    @property
    def schema(self) -> int: ...


Read = TypeVar("Read", bound=Document)


def read_json(path: Path, kind: type[Read], schema: int, otherwise: str, remedy: str = "") -> Read:
    """Return the file; raises CannotRunError with `otherwise` if it has other content, and with the remedy."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise CannotRunError(f"{path} cannot be read: {error.strerror}{remedy}.") from error
    except msgspec.DecodeError as error:
        raise CannotRunError(f"{path} is {otherwise}: {error}{remedy}.") from error
    if found.schema != schema:
        raise CannotRunError(f"{path} has schema {found.schema}; this program reads {schema}{remedy}.")
    return found


def write_json(value: msgspec.Struct, path: Path) -> None:
    """Write a file of JSON completely or not at all; raises CannotRunError."""
    write_whole(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def write_whole(path: Path, data: bytes) -> None:
    """Write a temporary file and rename it, so that no reader finds half of it; raises CannotRunError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        fresh = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            fresh.chmod(0o644)
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CannotRunError(f"{path} cannot be written: {error.strerror}.") from error
