"""Rounds of a night with the capacities that a test is about."""

from collections.abc import Sequence
from typing import Any

import msgspec

from loadtest.bench.capacity.contestants import ALL
from loadtest.bench.capacity.measure import Result
from loadtest.measure.step import Step
from tests.loadtest.bench.capacity.steps import step

LATE: Any = {"lag_ms": 9.0}  # of the generator
DISTURBED: Any = {"foreign_cpu": 0.5}


def failed(players: int, **more: Any) -> Step:
    return step(players, gap_ms=81.5, **more)


def carried(name: str, players: int, *failures: Step, open_ended: bool = False) -> Result:
    held = [step(players)] if players else []
    return Result(ALL[name], [*held, *(failures or [failed(players + 1)])], players, open_ended)


def night(ours: Result, textbook: Result) -> dict[str, Result]:
    return {"textbook": textbook, "ours": ours}


def nights(*pairs: tuple[int, int]) -> Sequence[dict[str, Result]]:
    return [night(carried("ours", ours), carried("textbook", textbook)) for ours, textbook in pairs]


def on_a_full_core(one: Step) -> Step:
    return msgspec.structs.replace(one, server_cpu=1.0)
