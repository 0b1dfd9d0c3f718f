"""Tests of loadtest/measure/latencies.py against distributions whose figures are known."""

from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.measure.latencies import LONGEST_S, Latencies

TICK_S = 0.05
DURATIONS = st.lists(st.floats(0.0001, 5.0), min_size=1, max_size=200)


def of(durations: list[float]) -> Latencies:
    found = Latencies()
    for duration in durations:
        found.add(duration)
    return found


def paced(*durations: float) -> Latencies:
    found = Latencies()
    for duration in durations:
        found.add_all_paced([duration], TICK_S)
    return found


def test_quantiles_of_an_even_distribution_are_its_own() -> None:
    """Of 1 ms to 10,000 ms evenly, the quantiles are where arithmetic has them, to a thousandth."""
    spread = of([i / 1000 for i in range(1, 10_001)]).spread()
    assert spread.p50_ms == pytest.approx(5000, rel=1e-3)
    assert spread.p95_ms == pytest.approx(9500, rel=1e-3)
    assert spread.p99_ms == pytest.approx(9900, rel=1e-3)
    assert spread.max_ms == pytest.approx(10_000, rel=1e-3)
    assert spread.over_60_ms == pytest.approx(0.994, abs=1e-3)
    assert spread.over_200_ms == pytest.approx(0.98, abs=1e-3)


@given(DURATIONS)
def test_quantiles_agree_with_sorting(durations: list[float]) -> None:
    """Every quantile is the value of that rank, to the resolution of the histogram."""
    found, ordered = of(durations), sorted(durations)
    for share in (0.01, 0.5, 0.95, 0.99, 1.0):
        rank = max(1, ceil(share * len(ordered)))
        assert found.quantile_ms(share) == pytest.approx(1000 * ordered[rank - 1], rel=2e-3, abs=1e-3)


@given(DURATIONS, DURATIONS)
def test_merged_is_as_if_all_had_been_added_to_one(one: list[float], other: list[float]) -> None:
    """The histograms of two processes are the histogram of one."""
    merged = of(one)
    merged.merge(of(other))
    assert merged.rows() == of(one + other).rows()


@given(DURATIONS)
def test_text_carries_the_whole_histogram(durations: list[float]) -> None:
    """Text decodes to the same histogram."""
    found = of(durations)
    assert Latencies.decode(found.encode()).rows() == found.rows()


@pytest.mark.parametrize("text", ["", "nonsense", "HISTFAAAABx4nJNpmSzMgADM"])
def test_what_is_no_histogram_is_refused(text: str) -> None:
    """Damaged text is a ValueError; the library raises others."""
    with pytest.raises(ValueError, match="not a histogram"):
        Latencies.decode(text)


def test_a_freeze_of_two_seconds_shows_in_p99() -> None:
    """One gap of 2 s in a minute of frames hides 39 late ones, which p99 must include (coordinated omission)."""
    corrected, naive = paced(*[TICK_S] * 1160, 2.0), of([*[TICK_S] * 1160, 2.0])
    assert naive.quantile_ms(0.99) < 60
    assert corrected.quantile_ms(0.99) > 1000
    assert corrected.count == 1160 + 40  # 2 s, 1.95 s, … 0.05 s


@given(st.floats(0.001, 5.0))
def test_correction_adds_what_is_still_due_and_never_less_than_a_tick(gap_s: float) -> None:
    """A stall adds one value for each missed tick, each a tick shorter; a gap of less than two ticks adds none."""
    found = paced(gap_s)
    values = [value for value, count in found.rows() for _ in range(count)]
    assert found.count == max(1, round(gap_s * 1e6) // 50_000)
    assert all(value >= 1000 * TICK_S * 0.998 for value in values[:-1])
    assert all(later - earlier == pytest.approx(50, abs=12) for earlier, later in pairwise(values))


def test_without_values_all_figures_are_zero() -> None:
    """An empty histogram has a spread to show."""
    assert Latencies().spread().p99_ms == 0.0
    assert Latencies().quantile_ms(0.5) == 0.0


def test_longer_than_the_longest_counts_as_the_longest() -> None:
    """The histogram keeps durations that are too long."""
    found = of([10 * LONGEST_S])
    assert found.max_ms() == pytest.approx(1000 * LONGEST_S, rel=1e-3)


@given(DURATIONS)
def test_many_at_once_are_what_they_are_one_by_one(durations: list[float]) -> None:
    """Count for count."""
    together = Latencies()
    together.add_all(durations)
    assert of(durations).rows() == together.rows()
    assert of(durations).encode() == together.encode()


@given(DURATIONS)
def test_many_paced_ones_at_once_are_what_they_are_one_by_one(durations: list[float]) -> None:
    """With the ones that each stall hid."""
    together = Latencies()
    together.add_all_paced(durations, TICK_S)
    assert paced(*durations).rows() == together.rows()


def test_adding_none_at_once_changes_nothing() -> None:
    """A moment may have no durations."""
    found = Latencies()
    found.add_all([])
    found.add_all_paced([], TICK_S)
    assert 0 == found.count
