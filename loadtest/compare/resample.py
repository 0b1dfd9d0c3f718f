"""How sure a ratio of medians is: whole rounds are drawn again with replacement; pure, and the same every time.

A round is the unit. The gaps within one are correlated (a busy moment makes thousands of them late together), so that
drawing gaps would find an interval far too narrow: a hundred thousand numbers, of which three are independent.

With few rounds all draws are gone through; with more, so many are drawn from a seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import comb
from typing import Final

import numpy as np
from numpy.typing import NDArray

DRAWS: Final = 20_000  # a percentile of their ratios is then right to a thousandth or two of the level
EXACT_MAX: Final = 5**5  # draws of one side that are gone through one by one: up to five rounds
LEVEL: Final = 0.95  # of the interval
SEED: Final = 20

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Change:
    """New over old, as medians over rounds, with the interval of the level."""

    ratio: float
    low: float
    high: float


def change(old: Sequence[float], new: Sequence[float], *, level: float = LEVEL, seed: int = SEED) -> Change:
    """Return the ratio of the medians of `new` and `old` (all above 0), and its interval."""
    assert min(*old, *new) > 0
    chance = np.random.default_rng(seed)
    (olds, old_odds), (news, new_odds) = _medians(old, chance), _medians(new, chance)
    ratios, odds = np.divide.outer(news, olds).ravel(), np.multiply.outer(new_odds, old_odds).ravel()
    order = np.argsort(ratios)
    below = np.cumsum(odds[order])
    low, high = (
        float(ratios[order][min(int(np.searchsorted(below, share)), len(ratios) - 1)])
        for share in ((1 - level) / 2, (1 + level) / 2)
    )
    return Change(float(np.median(new) / np.median(old)), low, high)


def finest_level(old: int, new: int) -> float:
    """Return the least chance of a false alarm that so many rounds can reach, whatever they show.

    If nothing changed, every order of the rounds is as likely as any other; that all new ones lie above all old ones
    happens by chance once in so many orders, and nothing that rounds can show is rarer.
    """
    return 1 / comb(old + new, new)


def _medians(rounds: Sequence[float], chance: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the medians that draws of whole rounds can have, and how likely each is."""
    values = np.asarray(rounds, dtype=np.float64)
    if len(rounds) ** len(rounds) <= EXACT_MAX:
        draws = np.array(list(product(values, repeat=len(rounds))))
    else:
        draws = chance.choice(values, size=(DRAWS, len(rounds)))
    medians, counts = np.unique(np.median(draws, axis=1), return_counts=True)
    return medians, counts / len(draws)
