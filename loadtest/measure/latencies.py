"""Durations that merge: a high-dynamic-range histogram (Gil Tene's HdrHistogram), to 3 significant digits."""

from math import ceil
from typing import Final, Self

import msgspec
import numpy as np
from hdrh.histogram import HdrHistogram
from numpy.typing import ArrayLike, NDArray

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

    def add_all(self, seconds: ArrayLike) -> None:
        """Add many durations at once, as `add` does one by one: microseconds instead of milliseconds a thousand."""
        values = np.clip(np.rint(np.asarray(seconds, dtype=np.float64) * _US), 1, LONGEST_S * _US).astype(np.int64)
        if not len(values):
            return
        histogram = self._histogram
        # The port's own index, for arrays: by the power of two above a value, then linear within it.
        _, bits = np.frexp((values | histogram.sub_bucket_mask).astype(np.float64))
        bucket = bits.astype(np.int64) - (histogram.sub_bucket_half_count_magnitude + 1)
        base = (bucket + 1) << histogram.sub_bucket_half_count_magnitude
        index = base + (values >> bucket) - histogram.sub_bucket_half_count
        counts = np.frombuffer(histogram.counts, dtype=np.int64)
        counts += np.bincount(index, minlength=len(counts))
        histogram.total_count += len(values)
        histogram.min_value = min(histogram.min_value, int(values.min()))
        histogram.max_value = max(histogram.max_value, int(values.max()))

    def add_all_paced(self, seconds: ArrayLike, every_s: float) -> None:
        """Add many durations of what was due every `every_s`, as `add_paced` does one by one."""
        self.add_all(paced(seconds, every_s))

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


def paced(seconds: ArrayLike, every_s: float) -> NDArray[np.float64]:
    """Return the durations, with those that a stall kept from being seen (see `Latencies.add_paced`)."""
    values = np.asarray(seconds, dtype=np.float64)
    every = _whole_us(every_s)
    missing = [
        omitted / _US
        for stall in values[values >= 2 * every_s - 1 / _US]
        for omitted in range(_whole_us(float(stall)) - every, every - 1, -every)
    ]
    return np.concatenate([values, missing])


def _whole_us(seconds: float) -> int:
    return min(max(1, round(seconds * _US)), round(LONGEST_S * _US))
