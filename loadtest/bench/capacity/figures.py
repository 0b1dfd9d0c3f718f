"""What a run found, as figures to keep: medians over its rounds, and the ratios, which alone are a contract; pure.

A ratio is the median of the ratios of the rounds, so that what slows a whole round cancels out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import Final

import msgspec

from loadtest.bench.capacity.measure import REPORT_AT, Result
from loadtest.measure.step import Step

SCHEMA: Final = 1  # of the report and the baseline; raised when a field changes its meaning

Round = Mapping[str, Result]  # by the name of the contestant


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
    open_ended: bool  # the generator's ceiling held: the capacity may be more
    generator_limited: bool  # a step failed while the generator was the bottleneck: the capacity may be more
    at: AtStep | None  # 1,000 players, or the capacity where it is lower


class Ratio(msgspec.Struct, frozen=True):
    """Ours against another; None where a round lacks a figure."""

    value: float | None
    rounds: list[float]
    conclusive: bool  # the generator was not the bottleneck on either side


class Calibration(msgspec.Struct, frozen=True):
    """What the generator carried from a server that does nothing else."""

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


def report(machine: dict[str, str], rounds: Sequence[Round], calibration: Calibration | None) -> Report:
    """Return the figures of `rounds`."""
    names = dict.fromkeys(name for one in rounds for name in one)
    servers = {name: _server([one[name] for one in rounds if name in one]) for name in names}
    return Report(SCHEMA, machine, len(rounds), servers, _ratios(rounds), calibration)


def at_step(steps: Iterable[Step]) -> AtStep | None:
    """Return the medians of `steps`, or None if there are none."""
    known = list(steps)
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


def _server(results: Sequence[Result]) -> Server:
    return Server(
        title=results[0].contestant.title,
        capacity=float(median(result.capacity for result in results)),
        capacities=[result.capacity for result in results],
        open_ended=any(result.open_ended for result in results),
        generator_limited=any(result.generator_limited for result in results),
        at=at_step(result.at for result in results if result.at is not None),
    )


def _ratios(rounds: Sequence[Round]) -> dict[str, Ratio]:
    return {
        **{peer: _ratio(rounds, "ours", peer, _capacity) for peer in ("node", "picows", "uvicorn", "textbook")},
        "product_to_node": _ratio(rounds, "product", "node", _capacity),
        "cpu_to_node": _ratio(rounds, "ours", "node", _cpu, _loaded_late),
        "cpu_idle_to_busy": _ratio(rounds, "idle", "busy", _cpu, _loaded_late),
    }


def _ratio(
    rounds: Sequence[Round],
    above: str,
    below: str,
    figure: Callable[[Result], float],
    limited: Callable[[Result], bool] = lambda result: result.generator_limited or result.open_ended,
) -> Ratio:
    pairs = [(one[above], one[below]) for one in rounds if above in one and below in one]
    found = [figure(first) / figure(second) for first, second in pairs if figure(first) and figure(second)]
    complete = bool(found) and len(found) == len(pairs)
    conclusive = not any(limited(result) for pair in pairs for result in pair)
    return Ratio(float(median(found)) if complete else None, found, conclusive)


def _capacity(result: Result) -> float:
    return float(result.capacity)


def _loaded_late(result: Result) -> bool:
    """Whether the load at the step of comparison came late, so that the server had less to do."""
    return result.at is not None and result.at.generator_limited


def _cpu(result: Result) -> float:
    """Share of a core at exactly 1,000 players; 0 where that was not held."""
    at = result.at
    return at.server_cpu if at is not None and at.load.target == REPORT_AT else 0.0
