"""Durations in little memory however long a player plays: exact at first, then to the nearest 20 µs."""

from array import array
from typing import Final

import numpy as np
from numpy.typing import NDArray

from loadtest.measure.latencies import Spread, paced, spread_of

FOLD_AT: Final = 4096  # durations that are kept exactly: 200 s of gaps
GRAIN_S: Final = 20e-6  # resolution after that: 0.4 ‰ of a tick


class Durations:
    """Durations in seconds. Unlike Latencies they take hardly any memory, and cannot be merged."""

    __slots__ = ("_counts", "_fresh", "_values")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._fresh = array("d")
        self._values: NDArray[np.float64] = np.zeros(0)
        self._counts: NDArray[np.int64] = np.zeros(0, dtype=np.int64)

    def add(self, seconds: float) -> None:
        self._fresh.append(seconds)
        if len(self._fresh) >= FOLD_AT:
            self._fold()

    def spread(self, every_s: float | None = None) -> Spread:
        """Return the distribution; with `every_s`, corrected for coordinated omission at one event every `every_s`."""
        values, counts = self._all()
        if every_s is not None:
            stalls = values >= 2 * every_s
            extra = [paced([value], every_s)[1:] for value in np.repeat(values[stalls], counts[stalls])]
            values = np.concatenate([values, *extra])
            counts = np.concatenate([counts, np.ones(len(values) - len(counts), dtype=np.int64)])
        order = np.argsort(values)
        return spread_of(values[order] * 1000, counts[order])

    def _fold(self) -> None:
        values, counts = self._all()
        self._values, where = np.unique(np.rint(values / GRAIN_S) * GRAIN_S, return_inverse=True)
        self._counts = np.bincount(where, weights=counts).astype(np.int64)
        self._fresh = array("d")

    def _all(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        fresh = np.array(self._fresh)
        return np.concatenate([self._values, fresh]), np.concatenate(
            [self._counts, np.ones(len(fresh), dtype=np.int64)]
        )
