"""When players arrive: an open model, in which a slow server does not delay arrivals. Pure.

A profile is a line through points (second, players). Player k, from 0, is due when the line reaches k. At one a second
the first is due at once and the ninetieth after 89 s, as in the tutorial.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

Point = tuple[float, int]

RAMP_PIECE_S: Final = 10.0  # steps of a ramp, each of about one size
HOLD_PIECE_S: Final = 300.0  # steps of a long hold, so that a failure in the third hour has a time


@dataclass(frozen=True)
class Profile:
    """Points, and the hold of the last size."""

    points: tuple[Point, ...]
    hold_s: float = 0.0

    @property
    def seconds(self) -> float:
        """Length of the profile."""
        return self.points[-1][0] + self.hold_s

    @property
    def players(self) -> int:
        return self.points[-1][1]

    @property
    def steepest_per_s(self) -> float:
        """The highest rate of arrivals, without arrivals in one moment."""
        slopes = [
            (there - here) / (end - begin) for (begin, here), (end, there) in pairwise(self.points) if end > begin
        ]
        return max(slopes, default=0.0)

    @property
    def most_at_once(self) -> int:
        """The largest number of arrivals in one moment."""
        legs = pairwise(self.points)
        return max((there - here for (begin, here), (end, there) in legs if end == begin), default=0)

    @cached_property
    def arrivals(self) -> tuple[float, ...]:
        """When each player is due, in seconds, ascending."""
        found: list[float] = []
        for (begin, here), (end, there) in pairwise(self.points):
            found += [begin + (end - begin) * place / (there - here) for place in range(there - here)]
        return tuple(found)

    def wanted(self, second: float) -> int:
        """Return how many players are due before `second`: one that is due at that moment is not late yet."""
        return bisect_left(self.arrivals, second)

    def stretches(self) -> list[tuple[float, float]]:
        """Return the steps, from and to: ten seconds of a ramp, or a whole hold unless it is very long."""
        found = []
        for (begin, here), (end, there) in pairwise([*self.points, (self.seconds, self.players)]):
            found += _pieces(begin, end, HOLD_PIECE_S if here == there else RAMP_PIECE_S)
        return found


def ramp(rate: float, to: int, hold_s: float) -> Profile:
    """Return `to` players at `rate` a second, then a hold."""
    return Profile(((0.0, 0), (to / rate, to)), hold_s)


def at_once(to: int, hold_s: float) -> Profile:
    """Return all in one moment, then a hold."""
    return Profile(((0.0, 0), (0.0, to)), hold_s)


def stairs(rate: float, steps: Sequence[int], hold_s: float) -> Profile:
    """Return a climb at `rate` a second, with a hold at each of the sizes."""
    points: list[Point] = [(0.0, 0)]
    for size in steps:
        begin, before = points[-1]
        top = begin + (size - before) / rate
        points += [(top, size), (top + hold_s, size)]
    return Profile(tuple(points[:-1]), hold_s)


def evenly(begin_s: float, end_s: float, per_s: float) -> list[float]:
    """Return moments at an even rate from `begin_s` until before `end_s`."""
    count = int((end_s - begin_s) * per_s + 1e-9)  # a product that is whole but for rounding is whole
    return [begin_s + place / per_s for place in range(count)]


def _pieces(begin: float, end: float, longest: float) -> list[tuple[float, float]]:
    found = []
    while end - begin > longest:
        found.append((begin, begin + longest))
        begin += longest
    return [*found, (begin, end)] if end > begin else found
