"""The moments of a run as columns to draw: at most `points`, each the worst of some moments.

A soak of an hour has 3,600 seconds, and a picture shows some hundred of them. A mean would hide the late seconds, so a
point is the worst of its moments.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, nan
from typing import Final

from loadtest.measure.latencies import LONGEST_S
from loadtest.measure.result import Moment

POINTS: Final = 600  # about two to a pixel of a README's picture
_LONGEST_MS: Final = LONGEST_S * 1000


@dataclass(frozen=True, slots=True)
class Curves:
    """Columns of equal length; NaN where nothing was measured."""

    each: int  # moments that a point stands for
    t_s: list[float]
    wanted: list[float]
    open: list[float]
    p50: list[float]
    p95: list[float]
    p99: list[float]
    max: list[float]
    lag: list[float]
    cpu: list[float]
    tick: list[float]
    lost: list[float]  # joins that failed and sockets that closed, summed


def curves(series: Sequence[Moment], points: int = POINTS) -> Curves:
    each = max(1, ceil(len(series) / points))
    groups = [series[start : start + each] for start in range(0, len(series), each)]

    def column(of: Callable[[Moment], float | None]) -> list[float]:
        return [_worst(of(moment) for moment in group) for group in groups]

    def gap(of: Callable[[Moment], float]) -> list[float]:
        return column(lambda moment: min(of(moment), _LONGEST_MS) if moment.gap.count else None)

    return Curves(
        each=each,
        t_s=[group[-1].t_s for group in groups],
        wanted=column(lambda moment: moment.wanted),
        open=column(lambda moment: moment.open),
        p50=gap(lambda moment: moment.gap.p50_ms),
        p95=gap(lambda moment: moment.gap.p95_ms),
        p99=gap(lambda moment: moment.gap.p99_ms),
        max=gap(lambda moment: moment.gap.max_ms),
        lag=column(lambda moment: moment.lag_p99_ms),
        cpu=column(lambda moment: moment.cpu),
        tick=column(lambda moment: moment.server_tick_p99_ms),
        lost=[float(sum(moment.failures + moment.closes for moment in group)) for group in groups],
    )


def known(values: Sequence[float]) -> list[float]:
    """Return the measured values."""
    return [value for value in values if value == value]  # noqa: PLR0124  # NaN is not equal to itself


def _worst(values: Iterable[float | None]) -> float:
    return max((float(value) for value in values if value is not None), default=nan)
