"""Orders as the command line makes them."""

from pathlib import Path
from typing import Any

from loadtest.engine import scenarios, target
from loadtest.engine.order import Order
from loadtest.engine.scenarios import Shape
from loadtest.verdict import slo


def order(shape: Shape, scenario: str = "ramp", **changes: Any) -> Order:
    """One test of this machine."""
    given = {
        "scenario": scenarios.ALL[scenario],
        "shape": shape,
        "schedule": scenarios.schedule(shape),
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
