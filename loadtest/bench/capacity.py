"""The capacity of one server in one round; server and generator restart after each step that failed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from loadtest.bench.contestants import Contestant
from loadtest.bench.search import Plan, Search
from loadtest.bench.trial import Timing, trial
from loadtest.measure.step import MAX_GAP_MS, Step

REPORT_AT: Final = 1000  # players at which the latency, CPU and memory of servers are compared
REPEATS: Final = 4  # failed steps of one search that are repeated because other programs used the machine


@dataclass(slots=True)
class Capacity:
    """What one round measured of one server."""

    contestant: Contestant
    steps: list[Step] = field(default_factory=list)
    players: int = 0
    open_ended: bool = False

    @property
    def at(self) -> Step | None:
        """The step at 1,000 players, or at the capacity where it is lower."""
        held = [step for step in self.steps if step.held and step.load.target <= REPORT_AT]
        return max(held, key=lambda step: step.load.target, default=None)

    @property
    def at_capacity(self) -> Step | None:
        held = [step for step in self.steps if step.held]
        return max(held, key=lambda step: step.load.target, default=None)

    def doubts(self) -> Iterator[str]:
        """Yield a reason why the true capacity may be higher, if there is one.

        Failed steps count if no step of that size or a smaller one failed because of the server.
        """
        failed = [step for step in self.steps if not step.held and step.load.target > self.players]
        blamed = [step.load.target for step in failed if not (step.generator_limited or step.disturbed)]
        undecided = [step for step in failed if step.load.target < min(blamed, default=step.load.target + 1)]
        late = [step for step in undecided if step.generator_limited]
        title = self.contestant.title
        if late:
            yield f"the generator was late or busy{_where(late)} when {title} failed."
        elif undecided:
            used = max(step.foreign_cpu for step in undecided)
            yield f"other programs used {used:.0%} of a core{_where(undecided)} when {title} failed."
        elif self.open_ended:
            yield f"{title} carried all players that the generator can send."

    def failure(self) -> str | None:
        """Return what the smallest failed step broke; None if all failures may be the generator's."""
        failed = [step for step in self.steps if not step.held and not step.generator_limited]
        if not failed:
            return None
        step = min(failed, key=lambda one: one.load.target)
        return (
            f"at {step.load.target:,} players {', '.join(step.complaints)} (at most {MAX_GAP_MS:g} ms);"
            f" the median time between frames was {step.load.gap.p50_ms:.0f} ms (a tick is 50 ms),"
            f" and the server used {step.server_cpu:.0%} of its core."
        )


def find_capacity(contestant: Contestant, plan: Plan, timing: Timing, first: Sequence[int] = ()) -> Capacity:
    """Hold the steps of `first`, then search."""
    found, search = Capacity(contestant), Search(plan)
    waiting, repeats = list(first), REPEATS
    players = waiting.pop(0) if waiting else search.next()
    while players is not None:
        with trial(contestant, timing) as hold:
            held = True
            while held and players is not None:
                step = hold(players)
                found.steps.append(step)
                held = step.held
                if not held and step.disturbed and repeats:
                    repeats -= 1
                    continue
                if not (held and players in first):  # these are reported; the climb begins at the first of the plan
                    search.record(players, held=held)
                players = waiting.pop(0) if waiting else search.next()
    found.players, found.open_ended = search.capacity, search.open_ended
    return found


def _where(steps: Sequence[Step]) -> str:
    lag, cpu = max(step.load.lag.p99_ms for step in steps), max(step.load.cpu for step in steps)
    players = min(step.load.target for step in steps)
    return f" at {players:,} players (generator late by p99 {lag:.1f} ms, {cpu:.0%} of its core)"
