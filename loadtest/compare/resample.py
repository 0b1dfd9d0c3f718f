"""How sure a ratio of medians is: whole rounds drawn again with replacement (the bootstrap); pure, and free of chance.

A round is the unit. The gaps within one are correlated (a busy moment makes thousands of them late together), so that
drawing gaps would find an interval far too narrow: a hundred thousand numbers, of which three are independent.

Of a median it is known how often each value comes out of all draws there are, so that none needs to be made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEVEL: Final = 0.95  # of the interval

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Change:
    """New over old, as medians over rounds, with the interval of the level."""

    ratio: float
    low: float
    high: float


def change(old: Sequence[float], new: Sequence[float], level: float = LEVEL) -> Change:
    """Return the ratio of the medians of `new` and `old` (all above 0), and its percentile interval."""
    assert min(*old, *new) > 0
    (olds, old_odds), (news, new_odds) = medians(old), medians(new)
    ratios, odds = np.divide.outer(news, olds).ravel(), np.multiply.outer(new_odds, old_odds).ravel()
    order = np.argsort(ratios)
    reached = np.cumsum(odds[order])
    at = np.searchsorted(reached, [(1 - level) / 2, (1 + level) / 2])
    low, high = ratios[order][np.minimum(at, len(ratios) - 1)]
    return Change(float(np.median(new) / np.median(old)), float(low), float(high))


def finest_level(old: int, new: int) -> float:
    """Return the least chance of a false alarm that so many rounds can reach, whatever they show.

    If nothing changed, every order of the rounds is as likely as any other; that all new ones lie above all old ones
    happens by chance once in so many orders, and nothing that rounds can show is rarer.
    """
    return 1 / comb(old + new, new)


def medians(rounds: Sequence[float]) -> tuple[Floats, Floats]:
    """Return the medians that drawing all `rounds` again with replacement can give, and how likely each is.

    The middle two of n draws (the middle one is both of them where n is odd) are the i-th and the j-th smallest round:
    all draws up to the lower one come from the first i rounds, all others from those from j on.
    """
    values, n = np.sort(np.asarray(rounds, dtype=np.float64)), len(rounds)
    ranks = np.arange(n + 1)
    if n % 2:
        return values, np.diff(_at_least(n // 2 + 1, n))
    below, above = (ranks[1:] / n) ** (n // 2), ((n - ranks[:-1]) / n) ** (n // 2)
    apart = comb(n, n // 2) * np.multiply.outer(np.diff(below, prepend=0.0), -np.diff(above, append=0.0))
    upper = np.triu(apart, 1)  # the two middle draws are different rounds, i < j
    same = np.diff(_at_least(n // 2, n)) - upper.sum(axis=1)  # or both are the i-th
    rows, columns = np.triu_indices(n)
    return (values[rows] + values[columns]) / 2, (upper + np.diag(same))[rows, columns]


def _at_least(draws: int, n: int) -> Floats:
    """Return, for k = 0 … n, how likely at least so many of n draws come from the k smallest rounds."""
    share = np.arange(n + 1) / n
    terms = [comb(n, r) * share**r * (1 - share) ** (n - r) for r in range(draws, n + 1)]
    return np.asarray(np.sum(terms, axis=0), dtype=np.float64)
