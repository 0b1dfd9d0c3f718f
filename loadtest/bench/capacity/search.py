"""Which step to try next, and what the capacity is: pure; never names a capacity that did not hold."""

from dataclasses import dataclass, field
from math import sqrt
from typing import Final

CEILING: Final = 8000  # sockets that the generator opens at most


@dataclass(frozen=True, slots=True)
class Plan:
    """How one search goes."""

    first: int  # players of the first step
    growth: float = 1.5  # from step to step, until one does not hold
    precision: float = 1.03  # of the capacity: where the bisection ends
    attempts: int = 2  # a step that fails is tried so often: the machine may have hiccuped
    ceiling: int = CEILING
    least: int = 1  # a server that does not carry so many is not searched further down


@dataclass(slots=True)
class Search:
    """A ramp up to the first step that fails (or down to the first that holds), then a bisection."""

    plan: Plan
    held: int = 0  # most players of a step that held
    failed: int | None = None  # fewest players of a step that did not
    failures: dict[int, int] = field(default_factory=dict)

    def next(self) -> int | None:
        """Return the players of the next step, or None when the capacity is known."""
        if self.failed is None:
            return self._up()
        if not self.held:
            return self._down(self.failed)
        return self._between(self.failed)

    def record(self, players: int, *, held: bool) -> None:
        """Take in how a step went."""
        if held:
            self.held = max(self.held, players)
            return
        self.failures[players] = self.failures.get(players, 0) + 1
        if self.failures[players] >= self.plan.attempts:
            self.failed = players if self.failed is None else min(self.failed, players)

    @property
    def capacity(self) -> int:
        """The most players of a step that held; 0 if none did."""
        return self.held

    @property
    def open_ended(self) -> bool:
        """Whether the ceiling itself held, so that the capacity may be more."""
        return self.held >= self.plan.ceiling

    def _up(self) -> int | None:
        if self.open_ended:
            return None
        if not self.held:
            return min(self.plan.first, self.plan.ceiling)
        return min(max(self.held + 1, round(self.held * self.plan.growth)), self.plan.ceiling)

    def _down(self, failed: int) -> int | None:
        fewer = min(failed - 1, int(failed / self.plan.growth))
        return fewer if fewer >= self.plan.least else None

    def _between(self, failed: int) -> int | None:
        if failed <= self.held * self.plan.precision or failed - self.held <= 1:
            return None
        return min(max(round(sqrt(self.held * failed)), self.held + 1), failed - 1)
