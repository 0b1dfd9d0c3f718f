"""The capacity of one server: steps as the search asks for them, each server and generator fresh after a failure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from loadtest.bench.capacity.contestants import Contestant
from loadtest.bench.capacity.search import Plan, Search
from loadtest.bench.capacity.trial import Timing, trial
from loadtest.measure.step import Step

REPORT_AT: Final = 1000  # players at which servers are compared in time, processor and memory
PATIENCE: Final = 4  # failed steps of one search that are repeated because other programs ran meanwhile


@dataclass(slots=True)
class Result:
    """What one round found about one server."""

    contestant: Contestant
    steps: list[Step] = field(default_factory=list)
    capacity: int = 0
    open_ended: bool = False

    @property
    def at(self) -> Step | None:
        """The step at 1,000 players, or that of the capacity where it is lower."""
        held = [step for step in self.steps if step.held and step.load.target <= REPORT_AT]
        return max(held, key=lambda step: step.load.target, default=None)

    @property
    def generator_limited(self) -> bool:
        """Whether a size failed only while the generator was late or busy: then the capacity is only a lower bound.

        A size that failed with the generator in order as well failed by the server's doing.
        """
        failed = [step for step in self.steps if not step.held]
        blamed = {step.load.target for step in failed if not step.generator_limited}
        return any(step.load.target not in blamed for step in failed)


Progress = Callable[[Contestant, Step], None]


def measure(
    contestant: Contestant, plan: Plan, timing: Timing, progress: Progress, first: Sequence[int] = ()
) -> Result:
    """Hold the steps of `first`, then search."""
    result, search = Result(contestant), Search(plan)
    waiting, patience = list(first), PATIENCE

    def following() -> int | None:
        return waiting.pop(0) if waiting else search.next()

    def record(players: int, *, held: bool) -> None:
        if held and players in first:
            return  # measured for its own sake: the ramp begins where the plan says
        search.record(players, held=held)

    players = following()
    while players is not None:
        with trial(contestant, timing) as hold:
            held = True
            while held and players is not None:
                step = hold(players)
                progress(contestant, step)
                result.steps.append(step)
                held = step.held
                if not held and step.disturbed and patience:
                    patience -= 1
                    continue
                record(players, held=held)
                players = following()
    result.capacity, result.open_ended = search.capacity, search.open_ended
    return result


def hold_once(contestant: Contestant, players: int, timing: Timing, progress: Progress) -> Step:
    """Hold one step, without a search."""
    with trial(contestant, timing) as hold:
        step = hold(players)
    progress(contestant, step)
    return step
