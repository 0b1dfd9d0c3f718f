from types import SimpleNamespace
from typing import Any

from app.processes.readiness import Readiness


class Process:
    """What readiness looks at, set by hand."""

    def __init__(self) -> None:
        self.met = False
        self.drain: Any = SimpleNamespace(begun=False)
        gateway: Any = SimpleNamespace(meets_a_tick=lambda: self.met)
        self.readiness = Readiness(gateway, self.drain)


def test_a_fresh_process_waits_for_a_tick() -> None:
    """Before, players would see nothing."""
    process = Process()
    assert "no frame was seen yet" == process.readiness.trouble()
    process.met = True
    assert process.readiness.trouble() is None


def test_a_blip_changes_nothing() -> None:
    """Else one lost tick would take every gateway out of the balancer."""
    process = Process()
    process.met = True
    process.readiness.trouble()
    process.met = False
    assert process.readiness.trouble() is None


def test_a_drain_ends_readiness() -> None:
    """Whatever else holds."""
    process = Process()
    process.met = process.drain.begun = True
    assert "draining" == process.readiness.trouble()
