"""The next step of a search for the capacity of a server; pure. A capacity is always a size that held."""

from dataclasses import dataclass, field
from math import sqrt
from typing import Final

CEILING: Final = 8000  # most sockets that the generator opens


@dataclass(frozen=True, slots=True)
class Plan:
    """The parameters of one search."""

    first: int  # players of the first step
    growth: float = 1.5  # factor from step to step, until one fails
    precision: float = 1.03  # the bisection ends when failed / held is at most this
    attempts: int = 2  # a size has failed after so many failures
    ceiling: int = CEILING
    least: int = 1  # players: the search goes no lower


@dataclass(slots=True)
class Search:
    """A climb to the first step that fails (or a descent to the first that holds), then a bisection."""

    plan: Plan
    capacity: int = 0  # most players of a step that held
    failed: int | None = None  # fewest players of a size that failed
    failures: dict[int, int] = field(default_factory=dict)

    def next(self) -> int | None:
        """Return the players of the next step, or None at the end of the search."""
        if self.failed is None:
            return self._up()
        if not self.capacity:
            return self._down(self.failed)
        return self._between(self.failed)

    def record(self, players: int, *, held: bool) -> None:
        """Record the outcome of a step."""
        if held:
            self.capacity = max(self.capacity, players)
            return
        self.failures[players] = self.failures.get(players, 0) + 1
        if self.failures[players] >= self.plan.attempts:
            self.failed = players if self.failed is None else min(self.failed, players)

    @property
    def open_ended(self) -> bool:
        """True if the ceiling itself held, so that the true capacity may be higher."""
        return self.capacity >= self.plan.ceiling

    def _up(self) -> int | None:
        if self.open_ended:
            return None
        if not self.capacity:
            return min(self.plan.first, self.plan.ceiling)
        return min(max(self.capacity + 1, round(self.capacity * self.plan.growth)), self.plan.ceiling)

    def _down(self, failed: int) -> int | None:
        fewer = min(failed - 1, int(failed / self.plan.growth))
        return fewer if fewer >= self.plan.least else None

    def _between(self, failed: int) -> int | None:
        held = self.capacity
        if failed <= held * self.plan.precision or failed - held <= 1:
            return None
        return min(max(round(sqrt(held * failed)), held + 1), failed - 1)
