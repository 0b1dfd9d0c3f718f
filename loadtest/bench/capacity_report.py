"""The figures of a run to keep: medians over its rounds, and ratios, which alone compare machines; pure.

A ratio is the median of the ratios of the rounds, so that a disturbance of a whole round cancels out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import Final

import msgspec

from loadtest.bench.capacity import REPORT_AT, Capacity
from loadtest.measure.step import Step

SCHEMA: Final = 1  # of the report and the baseline; raised when a field changes its meaning

Round = Mapping[str, Capacity]  # by the name of the contestant


class AtStep(msgspec.Struct, frozen=True):
    """One step, medians over the rounds."""

    players: int
    gap_p50_ms: float
    gap_p99_ms: float
    gap_max_ms: float
    server_cpu: float  # share of a core
    kib_per_connection: float
    bytes_per_player_second: float
    tick_lateness_p99_ms: float
    generator_lag_p99_ms: float
    generator_cpu: float


class Server(msgspec.Struct, frozen=True):
    """One server, medians over the rounds."""

    title: str
    capacity: float
    capacities: list[int]  # of each round
    at: AtStep | None  # 1,000 players, or the capacity where it is lower
    at_capacity: AtStep | None = None
    doubts: list[str] = []  # why the true capacity may be higher
    failures: list[str] = []  # what the smallest failed step of each round broke


class Ratio(msgspec.Struct, frozen=True):
    """Flotilla divided by another server; None if a round lacks a figure."""

    value: float | None
    rounds: list[float]
    conclusive: bool  # neither figure is in doubt


class Calibration(msgspec.Struct, frozen=True):
    """What the generator carried from a server that only broadcasts."""

    wanted: int  # players: 1.3 times the best capacity
    held: bool  # in time, with the generator neither late nor busy
    gap_p99_ms: float
    generator_lag_p99_ms: float
    generator_cpu: float


class Report(msgspec.Struct, frozen=True):
    """The whole run."""

    schema: int
    machine: dict[str, str]
    rounds: int
    servers: dict[str, Server]
    ratios: dict[str, Ratio]
    calibration: Calibration | None

    @property
    def calibrated(self) -> bool:
        """True if the generator can carry more players than the best server."""
        return self.calibration is not None and self.calibration.held


def report(machine: dict[str, str], rounds: Sequence[Round], calibration: Calibration | None) -> Report:
    """Return the figures of `rounds`."""
    names = dict.fromkeys(name for one in rounds for name in one)
    servers = {name: _server([one[name] for one in rounds if name in one]) for name in names}
    return Report(SCHEMA, machine, len(rounds), servers, _ratios(rounds), calibration)


def _at_step(steps: Iterable[Step | None]) -> AtStep | None:
    known = [step for step in steps if step is not None]
    if not known:
        return None

    def middle(figure: Callable[[Step], float]) -> float:
        return float(median(figure(step) for step in known))

    return AtStep(
        players=round(middle(lambda step: step.load.clients)),
        gap_p50_ms=middle(lambda step: step.load.gap.p50_ms),
        gap_p99_ms=middle(lambda step: step.load.gap.p99_ms),
        gap_max_ms=middle(lambda step: step.load.gap.max_ms),
        server_cpu=middle(lambda step: step.server_cpu),
        kib_per_connection=middle(lambda step: step.kib_per_connection),
        bytes_per_player_second=middle(lambda step: step.bytes_per_player_second),
        tick_lateness_p99_ms=middle(lambda step: step.load.tick_lateness.p99_ms),
        generator_lag_p99_ms=middle(lambda step: step.load.lag.p99_ms),
        generator_cpu=middle(lambda step: step.load.cpu),
    )


def _server(found: Sequence[Capacity]) -> Server:
    numbered = list(enumerate(found, 1))
    return Server(
        title=found[0].contestant.title,
        capacity=float(median(one.players for one in found)),
        capacities=[one.players for one in found],
        at=_at_step(one.at for one in found),
        at_capacity=_at_step(one.at_capacity for one in found),
        doubts=[f"Round {number}: {doubt}" for number, one in numbered for doubt in one.doubts()],
        failures=[f"Round {number}: {failure}" for number, one in numbered if (failure := one.failure())],
    )


def _ratios(rounds: Sequence[Round]) -> dict[str, Ratio]:
    return {
        **{peer: _ratio(rounds, "ours", peer, _players) for peer in ("node", "picows", "uvicorn", "textbook")},
        "product_to_node": _ratio(rounds, "product", "node", _players),
        "cpu_to_node": _ratio(rounds, "ours", "node", _cpu, _loaded_late),
        "cpu_idle_to_busy": _ratio(rounds, "idle", "busy", _cpu, _loaded_late),
    }


def _ratio(
    rounds: Sequence[Round],
    above: str,
    below: str,
    figure: Callable[[Capacity], float],
    doubtful: Callable[[Capacity], bool] = lambda one: any(one.doubts()),
) -> Ratio:
    pairs = [(one[above], one[below]) for one in rounds if above in one and below in one]
    found = [figure(first) / figure(second) for first, second in pairs if figure(first) and figure(second)]
    complete = bool(found) and len(found) == len(pairs)
    conclusive = not any(doubtful(one) for pair in pairs for one in pair)
    return Ratio(float(median(found)) if complete else None, found, conclusive)


def _players(one: Capacity) -> float:
    return float(one.players)


def _loaded_late(one: Capacity) -> bool:
    """Return True if the generator was late at the compared step, so that the server had less to do."""
    return one.at is not None and one.at.generator_limited


def _cpu(one: Capacity) -> float:
    """Return the share of a core at exactly 1,000 players; 0 if the server did not hold them."""
    return one.at.server_cpu if one.at is not None and one.at.load.target == REPORT_AT else 0.0
