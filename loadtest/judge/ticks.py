"""Whether a p99 of gaps broke for sure, by chance, or nobody can tell: counted in ticks, which come late for all; pure.

When a tick is late, every player's frame is. So ten seconds are 200 observations, however many players saw them and
however many thousand gaps there are, and two late ticks more or less decide whether their p99 holds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from math import sqrt
from typing import Final

from loadtest.measure.latencies import LATE_MS, Spread
from loadtest.measure.result import Step
from loadtest.players.people import TICK_S

MAY_BE_LATE: Final = 0.01  # share of all ticks beyond a p99
DEVIATIONS: Final = 3.0  # standard ones that chance is granted: 7 late ticks of 200, 23 of 1,200; once in some hundred
_SHARES: Final[Mapping[float, Callable[[Spread], float]]] = dict(
    zip(LATE_MS, (lambda gap: gap.over_60_ms, lambda gap: gap.over_100_ms, lambda gap: gap.over_200_ms), strict=True)
)


class Standing(Enum):
    """What a step with a broken p99 says of the server."""

    BROKEN = "broken"  # more late ticks than chance makes, in it alone or from it on
    UNCLEAR = "unclear"  # chance may have made them, and what followed was not better
    CHANCE = "chance"  # and what followed, with as many players or more, was so good that p99 holds from it on


def standing(step: Step, steps: Iterable[Step], bound_ms: float) -> Standing:
    """Return what `step`, whose gap p99 is over the bound, says beside those of `steps` that came after it.

    Longer gaps in any of them never make it better. A result keeps shares for three bounds only (60, 100, 200 ms); with
    another one nothing is put down to chance.
    """
    if bound_ms not in _SHARES:
        return Standing.BROKEN
    later = [other for other in steps if other.from_s >= step.to_s and other.players >= step.players]
    if _too_many([step], bound_ms) or _too_many([step, *later], bound_ms):
        return Standing.BROKEN
    late, all_ticks = late_ticks([step, *later], bound_ms)
    return Standing.CHANCE if late <= all_ticks * MAY_BE_LATE else Standing.UNCLEAR


def late_ticks(steps: Sequence[Step], bound_ms: float) -> tuple[float, float]:
    """Return how many ticks of these steps were late, of how many; raises KeyError for a bound without a share."""
    ticks = [(step.to_s - step.from_s) / TICK_S for step in steps]
    late = sum(count * _share(step.gap, bound_ms) for count, step in zip(ticks, steps, strict=True))
    return late, sum(ticks)


def _share(gap: Spread, bound_ms: float) -> float:
    # A result of somebody else's making may lack shares; then its percentiles say at least how many were late.
    ranks = (0.5, gap.p50_ms), (0.05, gap.p95_ms), (0.01, gap.p99_ms)
    return max([_SHARES[bound_ms](gap), *(share for share, value in ranks if value > bound_ms)])


def _too_many(steps: Sequence[Step], bound_ms: float) -> bool:
    late, ticks = late_ticks(steps, bound_ms)
    usual = ticks * MAY_BE_LATE
    return late > usual + DEVIATIONS * sqrt(usual * (1 - MAY_BE_LATE))
