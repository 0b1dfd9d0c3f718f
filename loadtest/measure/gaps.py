"""All gaps of one player, in little memory however long it plays: exact at first, then to the nearest 20 us."""

from array import array
from typing import Final

import numpy as np
from numpy.typing import NDArray

from loadtest.measure.latencies import LATE_MS, Spread, paced

FOLD_AT: Final = 4096  # gaps that are kept as they are: 200 s of play
GRAIN_S: Final = 20e-6  # what is not told apart later: 0.4 ‰ of a tick


class Gaps:
    """Durations in seconds."""

    __slots__ = ("_counts", "_fresh", "_values")

    def __init__(self) -> None:
        """Start with none."""
        self._fresh = array("d")
        self._values: NDArray[np.float64] | None = None
        self._counts: NDArray[np.int64] | None = None

    def add(self, seconds: float) -> None:
        """Add one."""
        self._fresh.append(seconds)
        if len(self._fresh) >= FOLD_AT:
            self._fold()

    def spread(self, every_s: float) -> Spread:
        """Return their distribution, corrected for coordinated omission at one frame due every `every_s`."""
        values, counts = self._all()
        stalls = values >= 2 * every_s
        extra = [paced([value], every_s)[1:] for value in np.repeat(values[stalls], counts[stalls])]
        omitted = np.concatenate(extra) if extra else np.zeros(0)
        return _spread(np.concatenate([values, omitted]), np.concatenate([counts, np.ones(len(omitted), dtype=int)]))

    def _fold(self) -> None:
        values, counts = self._all()
        values, where = np.unique(np.rint(values / GRAIN_S) * GRAIN_S, return_inverse=True)
        self._values, self._counts = values, np.bincount(where, weights=counts).astype(np.int64)
        self._fresh = array("d")

    def _all(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        fresh = np.array(self._fresh)
        ones = np.ones(len(fresh), dtype=np.int64)
        if self._values is None or self._counts is None:
            return fresh, ones
        return np.concatenate([self._values, fresh]), np.concatenate([self._counts, ones])


def _spread(values: NDArray[np.float64], counts: NDArray[np.int64]) -> Spread:
    if not len(values):
        return Spread()
    order = np.argsort(values)
    in_ms, counts = values[order] * 1000, counts[order]
    reached, total = np.cumsum(counts), int(counts.sum())
    p50, p95, p99 = (
        float(in_ms[np.searchsorted(reached, max(1, np.ceil(share * total - 1e-9)))]) for share in (0.5, 0.95, 0.99)
    )
    over_60, over_100, over_200 = (float(counts[in_ms > limit].sum()) / total for limit in LATE_MS)
    return Spread(total, p50, p95, p99, float(in_ms[-1]), over_60, over_100, over_200)
