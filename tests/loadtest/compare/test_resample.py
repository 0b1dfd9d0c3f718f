"""Tests of loadtest/compare/resample.py, on rounds of which is known what they come from."""

import random
from collections import Counter
from itertools import product
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.compare.resample import Change, change, finest_level, medians

TRIALS = 400
NOISE = 0.04  # of a round against another, as a shared machine has it
ROUNDS = st.lists(st.floats(1, 1000), min_size=3, max_size=8)


def trials(rounds: int, factor: float, *, seed: int) -> list[Change]:
    """Comparisons of lognormal rounds, of which the new ones are worse by `factor`."""
    chance = np.random.default_rng(seed)
    old, new = (np.exp(chance.normal(0, NOISE, (TRIALS, rounds))) for _ in range(2))
    return [change(list(before), list(after * factor)) for before, after in zip(old, new, strict=True)]


@pytest.mark.parametrize("rounds", [3, 4, 5, 8])
def test_equal_versions_rarely_alarm(rounds: int) -> None:
    """With a threshold of 10 % practically never; with none at most about as often as the level, 1 in 20 at three."""
    found = trials(rounds, 1.0, seed=rounds)
    assert sum(one.low > 1.10 for one in found) == 0
    assert sum(one.low > 1.0 for one in found) <= 0.075 * TRIALS


@pytest.mark.parametrize("rounds", [3, 4, 5, 8])
def test_a_regression_of_30_percent_is_found(rounds: int) -> None:
    """Beyond the threshold of 10 %, nearly always."""
    assert sum(one.low > 1.10 for one in trials(rounds, 1.3, seed=rounds)) >= 0.95 * TRIALS


def test_a_regression_below_the_threshold_does_not_alarm() -> None:
    """5 % is not 10 %."""
    assert sum(one.low > 1.10 for one in trials(5, 1.05, seed=1)) == 0


def test_three_rounds_alarm_only_when_all_new_ones_are_worse_than_all_old_ones() -> None:
    """Whose chance is 1 in 20 if nothing changed: the interval reaches from extreme to extreme."""
    found = change([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    assert Change(2.0, 2.0 / 3.0, 6.0) == found
    assert 0.05 == finest_level(3, 3)
    assert 1 / 252 == finest_level(5, 5)


@given(ROUNDS, ROUNDS, st.floats(0.1, 10))
def test_the_unit_does_not_matter(old: list[float], new: list[float], factor: float) -> None:
    """Seconds or milliseconds: a ratio is a ratio, and lies in its interval."""
    found = change(old, new)
    scaled = change([value * factor for value in old], [value * factor for value in new])
    assert found.low <= found.ratio * (1 + 1e-9)
    assert found.ratio <= found.high * (1 + 1e-9)
    assert np.allclose([scaled.ratio, scaled.low, scaled.high], [found.ratio, found.low, found.high])


@pytest.mark.parametrize("rounds", [1, 2, 3, 4, 5, 6])
def test_the_medians_are_those_of_all_draws(rounds: int) -> None:
    """As likely as counting every single draw finds them."""
    values = [float(value) for value in np.random.default_rng(rounds).permutation([1, 2, 4, 8, 16, 32])[:rounds]]
    counted = Counter(median(draw) for draw in product(values, repeat=rounds))
    found: Counter[float] = Counter()
    for value, odds in zip(*medians(values), strict=True):
        found[float(value)] += odds
    assert found == pytest.approx({value: count / rounds**rounds for value, count in counted.items()})


@given(ROUNDS, ROUNDS, st.randoms())
def test_the_order_of_rounds_does_not_matter(old: list[float], new: list[float], order: random.Random) -> None:
    """Nor does chance: the same rounds give the same interval."""
    mixed = order.sample(old, len(old)), order.sample(new, len(new))
    assert change(old, new) == change(*mixed)


@given(ROUNDS)
def test_a_version_is_no_regression_of_itself(rounds: list[float]) -> None:
    """1 lies in the interval."""
    found = change(rounds, rounds)
    assert found.low <= 1 <= found.high


def test_correlated_gaps_would_have_alarmed_where_rounds_do_not() -> None:
    """Why rounds are the unit: gaps share their round's luck, so that thousands tell no more than it."""
    chance = np.random.default_rng(7)
    gap_alarms = round_alarms = 0
    for _ in range(100):
        old, new = (np.exp(chance.normal(0, NOISE, (3, 1)) + chance.normal(0, 0.02, (3, 200))) for _ in range(2))
        round_alarms += change(list(np.median(old, axis=1)), list(np.median(new, axis=1))).low > 1
        draws = [chance.choice(side.ravel(), (200, side.size)) for side in (old, new)]
        ratios = np.median(draws[1], axis=1) / np.median(draws[0], axis=1)
        gap_alarms += bool(np.quantile(ratios, 0.025) > 1)
    assert round_alarms <= 10
    assert gap_alarms >= 30
