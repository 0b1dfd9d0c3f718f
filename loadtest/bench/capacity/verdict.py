"""Whether the figures reach the targets; pure. Inconclusive wins: a bottleneck elsewhere proves nothing."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from loadtest.bench.capacity.figures import Report


class Verdict(enum.StrEnum):
    """What a figure means."""

    GOAL = "goal reached"
    PASSED = "pass"
    FAILED = "FAIL"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure has to reach: at least `bound`, or at most where `at_most`."""

    title: str
    bound: float
    goal: float
    at_most: bool = False

    def judge(self, value: float | None, *, conclusive: bool) -> Verdict:
        """Return what `value` (None: it was not reached at all) means."""
        if not conclusive:
            return Verdict.INCONCLUSIVE
        if value is None or not self._reaches(value, self.bound):
            return Verdict.FAILED
        return Verdict.GOAL if self._reaches(value, self.goal) else Verdict.PASSED

    def _reaches(self, value: float, bound: float) -> bool:
        return value <= bound if self.at_most else value >= bound


RATIOS: Final = {
    "node": Target("capacity, to node `ws`", 0.95, 1.0),
    "picows": Target("capacity, to picows", 0.9, 0.9),
    "uvicorn": Target("capacity, to uvicorn", 1.8, 1.8),
    "textbook": Target("capacity, to the textbook", 45, 60),
    "product_to_node": Target("capacity as it is (deltas, people), to node `ws`", 1.3, 2.0),
    "cpu_to_node": Target("processor at 1,000 players, to node `ws`", 1.1, 1.0, at_most=True),
    "cpu_idle_to_busy": Target("processor at 1,000 idle players, to 20 inputs a second", 0.5, 0.5, at_most=True),
}
PLAYERS: Final = Target("players in time on one core", 2000, 2000)
MEMORY: Final = Target("KiB a connection at 1,000 players", 40, 40, at_most=True)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A target, what was reached, and what that means."""

    target: Target
    value: float | None
    verdict: Verdict


def judgements(report: Report) -> Iterator[Judgement]:
    """Judge all that was measured."""
    calibrated = report.calibration is not None and report.calibration.held
    for name, target in RATIOS.items():
        ratio = report.ratios[name]
        if ratio.rounds or name in report.servers:
            conclusive = calibrated and ratio.conclusive
            yield Judgement(target, ratio.value, target.judge(ratio.value, conclusive=conclusive))
    ours = report.servers.get("ours")
    if ours is not None:
        allows = ours.capacity >= PLAYERS.bound or _machine_allows(report)
        yield Judgement(PLAYERS, ours.capacity, PLAYERS.judge(ours.capacity, conclusive=calibrated and allows))
        memory = ours.at.kib_per_connection if ours.at else None
        yield Judgement(MEMORY, memory, MEMORY.judge(memory, conclusive=True))


def _machine_allows(report: Report) -> bool:
    """Whether any server here carries 2,000: if none does, that ours does not says nothing about ours."""
    return any(server.capacity >= PLAYERS.bound for name, server in report.servers.items() if name != "product")
