"""Orders like the ones of the command line."""

from pathlib import Path
from typing import Any

from loadtest.judge import slo
from loadtest.load import presets, target
from loadtest.load.order import Order
from loadtest.load.presets import Shape


def order(shape: Shape, scenario: str = "ramp", **changes: Any) -> Order:
    """One test of this machine."""
    given = {
        "scenario": presets.ALL[scenario],
        "shape": shape,
        "schedule": presets.schedule(shape),
        "target": target.parse("ws://127.0.0.1:8000/ws/game/", host_header=None, origin=None, ca=None),
        "protocol": "v1",
        "inputs": "people",
        "processes": 1,
        "metrics": (),
        "out": Path("results"),
        "slo": slo.load(scenario),
        "seed": 1,
    }
    return Order(**{**given, **changes})
