"""The straight line that fits best: how fast a figure grows. Pure."""

from collections.abc import Sequence
from typing import Final

import numpy as np

HOUR_S: Final = 3600.0
WARM_SHARE: Final = 0.1  # of a run, in which memory still grows to its working size


def slope_per_s(seconds: Sequence[float], values: Sequence[float]) -> float:
    """Return the slope by least squares; 0 if all values are of one moment."""
    return float(np.polyfit(seconds, values, 1)[0]) if np.ptp(seconds) else 0.0


def relative_per_hour(seconds: Sequence[float], values: Sequence[float]) -> float | None:
    """Return the growth in an hour as a share of the first value, after the first tenth of the time.

    None if fewer than three points are left: any noise makes a line of two.
    """
    begins = seconds[0] + WARM_SHARE * (seconds[-1] - seconds[0]) if seconds else 0.0
    kept = [(second, value) for second, value in zip(seconds, values, strict=True) if second >= begins]
    if len(kept) < 3 or kept[0][1] <= 0:  # noqa: PLR2004  # see the docstring
        return None
    moments, sizes = zip(*kept, strict=True)
    return slope_per_s(moments, sizes) * HOUR_S / kept[0][1]
