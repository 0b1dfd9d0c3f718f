"""Histograms of a server: quantiles by Prometheus's rule, linear within a bucket. Pure.

The error of a quantile is at most the width of its bucket. A share over a bound is exact if the bound is a boundary, as
50 ms is for flotilla_tick_duration_seconds.
"""

import math
from collections.abc import Mapping
from typing import Final

from loadtest.measure.latencies import LATE_MS, Spread
from loadtest.measure.metrics_page import Samples, by_label

TICK: Final = "flotilla_tick_duration_seconds_bucket"

Buckets = dict[float, float]  # upper bound in seconds: number of durations in that bucket alone


def buckets(samples: Samples, name: str = TICK) -> Buckets:
    """Return the buckets of a histogram on a page, where counts are cumulative."""
    bounds = sorted((float(bound), count) for bound, count in by_label(samples, name).items())
    before, found = 0.0, {}
    for bound, count in bounds:
        found[bound] = max(0.0, count - before)
        before = max(before, count)
    return found


def total(counts: Mapping[float, float]) -> float:
    return sum(counts.values())


def quantile(counts: Mapping[float, float], share: float) -> float:
    """Return the duration in seconds that `share` of all do not exceed; 0 if there are none.

    A duration in the last bucket, which has no end, counts as the beginning of that bucket, as in Prometheus.
    """
    wanted, seen, begin = share * total(counts), 0.0, 0.0
    for bound, count in sorted(counts.items()):
        if count and seen + count >= wanted:
            return begin if math.isinf(bound) else begin + (bound - begin) * max(0.0, wanted - seen) / count
        seen += count
        begin = bound
    return 0.0


def share_over(counts: Mapping[float, float], seconds: float) -> float:
    """Return the share of durations that are longer; 0 if there are none."""
    over, begin = 0.0, 0.0
    for bound, count in sorted(counts.items()):
        if begin >= seconds:
            over += count
        elif bound > seconds:
            over += count if math.isinf(bound) else count * (bound - seconds) / (bound - begin)
        begin = bound
    return over / total(counts) if total(counts) else 0.0


def spread(counts: Mapping[float, float]) -> Spread:
    """Return the distribution; its maximum is the end of the last bucket that is not empty."""
    p50, p95, p99, longest = (quantile(counts, share) * 1000 for share in (0.5, 0.95, 0.99, 1.0))
    over_60, over_100, over_200 = (share_over(counts, limit / 1000) for limit in LATE_MS)
    return Spread(round(total(counts)), p50, p95, p99, longest, over_60, over_100, over_200)
