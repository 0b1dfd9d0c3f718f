"""Whether late ticks broke a p99 of gaps for certain or perhaps by chance; pure.

A late tick is late for every player. So ten seconds are 200 observations, with any number of players and gaps, and two
late ticks decide whether their p99 holds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from math import sqrt
from typing import Final

from loadtest.measure.latencies import LATE_MS, Spread
from loadtest.measure.result import Step
from loadtest.players.people import TICK_S

MAY_BE_LATE: Final = 0.01  # share of all ticks beyond a p99
DEVIATIONS: Final = 3.0  # standard deviations: 7 late ticks of 200, 23 of 1,200
_SHARES: Final[Mapping[float, Callable[[Spread], float]]] = dict(
    zip(LATE_MS, (lambda gap: gap.over_60_ms, lambda gap: gap.over_100_ms, lambda gap: gap.over_200_ms), strict=True)
)


class Standing(Enum):
    """What a step with a broken p99 shows of the server."""

    BROKEN = "broken"  # more late ticks than chance explains, in this step or from it on
    UNCLEAR = "unclear"  # chance may explain them, and the later steps were not better
    CHANCE = "chance"  # chance may explain them, and with the later, larger steps p99 holds


def standing(step: Step, steps: Iterable[Step], bound_ms: float) -> Standing:
    """Return what `step`, whose gap p99 is over the bound, shows together with the later ones of `steps`.

    Longer gaps never improve the answer. A result has the share of late gaps for three bounds only (60, 100, 200 ms);
    with any other bound the answer is BROKEN.
    """
    if bound_ms not in _SHARES:
        return Standing.BROKEN
    later = [other for other in steps if other.from_s >= step.to_s and other.players >= step.players]
    if _too_many([step], bound_ms) or _too_many([step, *later], bound_ms):
        return Standing.BROKEN
    late, all_ticks = late_ticks([step, *later], bound_ms)
    return Standing.CHANCE if late <= all_ticks * MAY_BE_LATE else Standing.UNCLEAR


def late_ticks(steps: Sequence[Step], bound_ms: float) -> tuple[float, float]:
    """Return how many ticks of these steps were late, and all ticks. Raises KeyError for a bound without a share."""
    ticks = [(step.to_s - step.from_s) / TICK_S for step in steps]
    late = sum(count * _share(step.gap, bound_ms) for count, step in zip(ticks, steps, strict=True))
    return late, sum(ticks)


def _share(gap: Spread, bound_ms: float) -> float:
    # A result of another program may lack shares. Its percentiles then give the least number of late ticks.
    ranks = (0.5, gap.p50_ms), (0.05, gap.p95_ms), (0.01, gap.p99_ms)
    return max([_SHARES[bound_ms](gap), *(share for share, value in ranks if value > bound_ms)])


def _too_many(steps: Sequence[Step], bound_ms: float) -> bool:
    late, ticks = late_ticks(steps, bound_ms)
    usual = ticks * MAY_BE_LATE
    return late > usual + DEVIATIONS * sqrt(usual * (1 - MAY_BE_LATE))
