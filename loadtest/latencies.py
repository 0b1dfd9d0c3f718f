"""Durations that merge: a high-dynamic-range histogram (Gil Tene's HdrHistogram), to 3 significant digits."""

from math import ceil
from typing import Final, Self

import msgspec
import numpy as np
from hdrh.histogram import HdrHistogram

LONGEST_S: Final = 600.0  # longer durations count as this
DIGITS: Final = 3  # so that a percentile is right to a thousandth of itself
LATE_MS: Final = (60.0, 100.0, 200.0)  # a tick of 50 ms and 10 ms of tolerance; two ticks; what people call lag

_US: Final = 1_000_000  # per second


class Spread(msgspec.Struct, frozen=True):
    """A distribution of durations; all in milliseconds, shares of 1."""

    count: int = 0
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    max_ms: float = 0.0
    over_60_ms: float = 0.0  # share of all that is longer
    over_100_ms: float = 0.0
    over_200_ms: float = 0.0


class Latencies:
    """Durations that were added, in seconds; quantiles come out in milliseconds."""

    __slots__ = ("_histogram",)

    def __init__(self) -> None:
        """Start with nothing."""
        self._histogram = HdrHistogram(1, round(LONGEST_S * _US), DIGITS)

    @property
    def count(self) -> int:
        """How many durations there are, with those that `add_paced` supplied."""
        return int(self._histogram.get_total_count())

    def add(self, seconds: float) -> None:
        """Add one duration."""
        self._histogram.record_value(_whole_us(seconds))

    def add_paced(self, seconds: float, every_s: float) -> None:
        """Add the duration of something that was due every `every_s`, and what a stall kept from being seen.

        A server that stands still for 2 s leaves one gap of 2 s and hides the 39 frames that were due meanwhile, each
        of which somebody waited for: 1.95 s, 1.9 s, … are added too (coordinated omission; HdrHistogram's
        recordValueWithExpectedInterval, which the Python port has under that name with another rule).
        """
        value, every = _whole_us(seconds), _whole_us(every_s)
        self._histogram.record_value(value)
        for missing in range(value - every, every - 1, -every):
            self._histogram.record_value(missing)

    def merge(self, other: Self) -> None:
        """Add all of `other`."""
        if other.count:
            self._histogram.add(other._histogram)

    def quantile_ms(self, share: float) -> float:
        """Return the duration that `share` of all do not exceed; 0 if there are none."""
        rows = self.rows()
        wanted, seen = max(1, ceil(share * self.count)), 0  # nearest rank
        for value_ms, count in rows:
            seen += count
            if seen >= wanted:
                return value_ms
        return 0.0

    def max_ms(self) -> float:
        """Return the longest one; 0 if there is none."""
        rows = self.rows()
        return rows[-1][0] if rows else 0.0

    def share_over(self, milliseconds: float) -> float:
        """Return which share of all is longer."""
        over = sum(count for value_ms, count in self.rows() if value_ms > milliseconds)
        return over / self.count if self.count else 0.0

    def rows(self) -> list[tuple[float, int]]:
        """Return value in ms (upper end of what is not told apart) and count, ascending, without empty ones."""
        # The port's own iterators look at every bucket in Python: 30 ms, too long for each player of a thousand.
        counts = np.frombuffer(self._histogram.counts, dtype=np.int64)
        histogram = self._histogram
        return [
            (histogram.get_highest_equivalent_value(histogram.get_value_from_index(index)) / 1000, int(counts[index]))
            for index in map(int, np.flatnonzero(counts))
        ]

    def spread(self) -> Spread:
        """Return the figures to show."""
        p50, p95, p99 = (self.quantile_ms(share) for share in (0.5, 0.95, 0.99))
        over_60, over_100, over_200 = (self.share_over(limit) for limit in LATE_MS)
        return Spread(self.count, p50, p95, p99, self.max_ms(), over_60, over_100, over_200)

    def encode(self) -> str:
        """Return it as text: HdrHistogram's own V2 format, which its other languages read too."""
        return str(self._histogram.encode().decode())

    @classmethod
    def decode(cls, text: str) -> Self:
        """Return what `encode` wrote; raises ValueError for anything else."""
        found = cls()
        try:
            found._histogram.decode_and_add(text)
        except Exception as error:  # the port raises what its C half and zlib raise
            raise ValueError(f"not a histogram: {text[:20]!r}") from error
        return found


def _whole_us(seconds: float) -> int:
    return min(max(1, round(seconds * _US)), round(LONGEST_S * _US))
