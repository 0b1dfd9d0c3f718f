"""Durations that merge: a high-dynamic-range histogram (Gil Tene's HdrHistogram), to 3 significant digits."""

from math import ceil
from typing import Final, Self

import msgspec
import numpy as np
from hdrh.histogram import HdrHistogram
from numpy.typing import ArrayLike, NDArray

LONGEST_S: Final = 600.0  # longer durations count as this
DIGITS: Final = 3  # so that a percentile is exact to a thousandth
LATE_MS: Final = (60.0, 100.0, 200.0)  # a tick of 50 ms and 10 ms of tolerance; two ticks; visible lag

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
    """Durations that are added in seconds; quantiles are in milliseconds."""

    __slots__ = ("_histogram",)

    def __init__(self) -> None:
        self._histogram = HdrHistogram(1, round(LONGEST_S * _US), DIGITS)

    @property
    def count(self) -> int:
        """Number of durations, including the ones that a correction added."""
        return int(self._histogram.get_total_count())

    def add(self, seconds: float) -> None:
        self._histogram.record_value(_whole_us(seconds))

    def add_all(self, seconds: ArrayLike) -> None:
        """Add many durations at once: microseconds instead of milliseconds for a thousand."""
        values = np.clip(np.rint(np.asarray(seconds, dtype=np.float64) * _US), 1, LONGEST_S * _US).astype(np.int64)
        if not len(values):
            return
        histogram = self._histogram
        # The library's own index, for arrays: by the power of two above a value, then linear within it.
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
        """Add durations of events that were due every `every_s`, corrected for coordinated omission (see `paced`)."""
        self.add_all(paced(seconds, every_s))

    def merge(self, other: Self) -> None:
        if other.count:
            self._histogram.add(other._histogram)

    def quantile_ms(self, share: float) -> float:
        """Return the duration that `share` of all do not exceed; 0 if there are none."""
        values, counts = self._columns()
        return _quantile(values, np.cumsum(counts), share) if len(values) else 0.0

    def max_ms(self) -> float:
        """Return the longest duration; 0 if there are none."""
        values, _ = self._columns()
        return float(values[-1]) if len(values) else 0.0

    def rows(self) -> list[tuple[float, int]]:
        """Return ascending values in ms (the upper ends of their buckets) and their counts, without empty buckets."""
        values, counts = self._columns()
        return list(zip(values.tolist(), counts.tolist(), strict=True))

    def spread(self) -> Spread:
        return spread_of(*self._columns())

    def encode(self) -> str:
        """Return the histogram as text in HdrHistogram's V2 format, which its ports in other languages read too."""
        return str(self._histogram.encode().decode())

    @classmethod
    def decode(cls, text: str) -> Self:
        """Return what `encode` wrote; raises ValueError for any other text."""
        found = cls()
        try:
            found._histogram.decode_and_add(text)
        except Exception as error:  # the library raises what its C half and zlib raise
            raise ValueError(f"not a histogram: {text[:20]!r}") from error
        return found

    def _columns(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        # The library's own iterators visit every bucket in Python: 30 ms, too long for each player of a thousand.
        histogram, counts = self._histogram, np.frombuffer(self._histogram.counts, dtype=np.int64)
        used = np.flatnonzero(counts)
        of = [histogram.get_highest_equivalent_value(histogram.get_value_from_index(int(index))) for index in used]
        return np.array(of, dtype=np.float64) / 1000, counts[used]


def paced(seconds: ArrayLike, every_s: float) -> NDArray[np.float64]:
    """Return the durations of events that were due every `every_s`, and the ones that a stall hid.

    A server that stands still for 2 s leaves one gap of 2 s and hides the 39 frames that were due meanwhile. A player
    waited for each of them: 1.95 s, 1.9 s and so on (coordinated omission; HdrHistogram's
    recordValueWithExpectedInterval, which has another rule in the Python port).
    """
    values = np.asarray(seconds, dtype=np.float64)
    every = _whole_us(every_s)
    hidden = [
        missing / _US
        for stall in values[values >= 2 * every_s - 1 / _US]
        for missing in range(_whole_us(float(stall)) - every, every - 1, -every)
    ]
    return np.concatenate([values, hidden])


def spread_of(values_ms: NDArray[np.float64], counts: NDArray[np.int64]) -> Spread:
    """Return the distribution of ascending values."""
    if not len(values_ms):
        return Spread()
    reached = np.cumsum(counts)
    p50, p95, p99 = (_quantile(values_ms, reached, share) for share in (0.5, 0.95, 0.99))
    over_60, over_100, over_200 = (float(counts[values_ms > limit].sum() / reached[-1]) for limit in LATE_MS)
    return Spread(int(reached[-1]), p50, p95, p99, float(values_ms[-1]), over_60, over_100, over_200)


def _quantile(values_ms: NDArray[np.float64], reached: NDArray[np.int64], share: float) -> float:
    rank = max(
        1, ceil(share * int(reached[-1]) - 1e-9)
    )  # nearest rank; a product that is whole but for rounding is whole
    return float(values_ms[np.searchsorted(reached, rank)])


def _whole_us(seconds: float) -> int:
    return min(max(1, round(seconds * _US)), round(LONGEST_S * _US))
