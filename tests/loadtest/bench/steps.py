"""Steps, capacities and reports with the figures that a test is about; all other figures are harmless."""

from collections.abc import Sequence
from typing import Any

from loadtest.bench.capacity import Capacity
from loadtest.bench.capacity_report import Calibration, Report, Round, report
from loadtest.bench.contestants import ALL
from loadtest.measure.step import Load, Spread, Step

LATE: Any = {"lag_ms": 9.0}  # of the generator
DISTURBED: Any = {"foreign_cpu": 0.5}
CALIBRATED = Calibration(wanted=3000, held=True, gap_p99_ms=55, generator_lag_p99_ms=1, generator_cpu=0.5)
NOT_CALIBRATED = Calibration(wanted=3000, held=False, gap_p99_ms=80, generator_lag_p99_ms=9, generator_cpu=0.95)


def spread(p99_ms: float) -> Spread:
    return Spread(p50_ms=p99_ms / 2, p99_ms=p99_ms, max_ms=p99_ms)


def step(players: int, *, gap_ms: float = 55.0, lag_ms: float = 1.0, foreign_cpu: float = 0.0, **load: Any) -> Step:
    figures: dict[str, Any] = {
        "target": players,
        "clients": players,
        "held_s": 10.0,
        "frames": players * 200,
        "frames_expected": players * 200.0,
        "bytes": players * 1000,
        "gap": spread(gap_ms),
        "tick_lateness": spread(1.0),
        "lag": spread(lag_ms),
        "cpu": 0.2,
        "inputs": players * 200,
        "closes": {},
        "refusals": {},
        "failures": 0,
    }
    return Step(load=Load(**{**figures, **load}), server_cpu=0.3, server_rss_kib=players * 20, foreign_cpu=foreign_cpu)


def failed(players: int, **more: Any) -> Step:
    return step(players, gap_ms=81.5, **more)


def carried(name: str, players: int, *failures: Step, open_ended: bool = False) -> Capacity:
    """The capacity of one server; without `failures` the next size failed because of the server."""
    held = [step(min(players, 1000)), step(players)] if players else []
    return Capacity(ALL[name], [*held, *(failures or [failed(players + 1)])], players, open_ended)


def rounds_of(*rounds: dict[str, int]) -> Sequence[Round]:
    return [{name: carried(name, players) for name, players in one.items()} for one in rounds]


def report_of(*rounds: dict[str, int], calibration: Calibration | None = CALIBRATED) -> Report:
    return report({}, rounds_of(*rounds), calibration)
