import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.measure import buckets

BOUNDS = (0.01, 0.02, 0.05, 0.06, 0.1, 0.25, math.inf)


@st.composite
def histograms(draw: st.DrawFn) -> dict[float, float]:
    return {bound: float(draw(st.integers(0, 50))) for bound in BOUNDS}


def test_counts_of_a_page_are_cumulative() -> None:
    """Each bucket keeps its own; the order on the page does not matter."""
    name = buckets.TICK
    page = {f'{name}{{le="0.1"}}': 9.0, f'{name}{{le="0.05"}}': 4.0, f'{name}{{le="+Inf"}}': 10.0, "other": 3.0}
    assert {0.05: 4.0, 0.1: 5.0, math.inf: 1.0} == buckets.buckets(page)


def test_a_quantile_lies_within_its_bucket_by_its_rank() -> None:
    """Linear, as Prometheus has it."""
    counts = {0.01: 50.0, 0.05: 40.0, 0.1: 10.0}
    assert [0.005, 0.01, 0.03, 0.1] == pytest.approx(
        [buckets.quantile(counts, share) for share in (0.25, 0.5, 0.7, 1.0)]
    )


def test_the_last_bucket_counts_from_its_beginning() -> None:
    """Its end is unknown."""
    assert 0.25 == buckets.quantile({0.25: 1.0, math.inf: 99.0}, 0.99)


def test_a_share_over_a_boundary_is_exact() -> None:
    """And within a bucket linear."""
    counts = {0.05: 90.0, 0.1: 8.0, math.inf: 2.0}
    assert [0.10, 0.06, 0.02] == pytest.approx([buckets.share_over(counts, s) for s in (0.05, 0.075, 0.1)])


def test_without_durations_all_figures_are_zero() -> None:
    """Not errors."""
    assert (0.0, 0.0, 0) == (buckets.quantile({}, 0.5), buckets.share_over({}, 0.05), buckets.spread({}).count)


@given(histograms(), st.floats(0.01, 1.0))
def test_a_quantile_and_a_share_agree(counts: dict[float, float], share: float) -> None:
    """At most the rest is longer than a quantile."""
    if buckets.total(counts) - counts[math.inf] >= share * buckets.total(counts) > 0:
        assert buckets.share_over(counts, buckets.quantile(counts, share)) <= 1 - share + 1e-9


@given(histograms())
def test_quantiles_do_not_fall(counts: dict[float, float]) -> None:
    """As the share rises."""
    found = [buckets.quantile(counts, place / 20) for place in range(21)]
    assert found == sorted(found)
