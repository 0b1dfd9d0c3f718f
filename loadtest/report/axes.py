"""Axes that read well: time in s, min or h, milliseconds as people say them, and a scale that fits the worst p99."""

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from loadtest.report.headline import BUDGET_MS
from loadtest.report.palette import LIGHT

LINEAR_TOP_MS: Final = 100.0  # the least that a linear axis shows: two ticks
LOG_ABOVE_MS: Final = 220.0  # with a p99 above this, 50 and 60 would lie on one line
LOG_BOTTOM_MS: Final = 30.0
_TICKS_MS: Final = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)
_MINUTE: Final = 60
_HOUR: Final = 3600


def clean(axes: Axes) -> None:
    """Leave lines and words, and a quiet grid for values."""
    axes.set_facecolor("none")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(LIGHT["crowd"])
    axes.tick_params(colors=LIGHT["muted"], length=0, pad=6)
    axes.grid(axis="y", color=LIGHT["grid"], linewidth=1)
    axes.set_axisbelow(True)


def time_axis(axes: Axes, end_s: float, bins: int = 9) -> None:
    """Show seconds, minutes or hours, whichever gives small numbers, in about so many places."""
    unit, name = next((one for one in ((_HOUR, "h"), (_MINUTE, "min")) if end_s >= 3 * one[0]), (1, "s"))
    axes.set_xlim(0, max(end_s, 1.0))
    places = MaxNLocator(nbins=bins, steps=[1, 1.5, 2, 2.5, 3, 5, 10], integer=True).tick_values(
        0, max(end_s, 1.0) / unit
    )
    axes.xaxis.set_major_locator(FixedLocator([place * unit for place in places if place * unit <= max(end_s, 1.0)]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / unit:g} {name}"))


def gap_axis(axes: Axes, worst_p99_ms: float) -> None:
    """Show milliseconds: linear from 0 where all is near the budget, logarithmic where a server falls behind."""
    if worst_p99_ms <= LOG_ABOVE_MS:
        axes.set_ylim(0, max(LINEAR_TOP_MS, worst_p99_ms * 1.15))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    else:
        axes.set_yscale("log")
        axes.set_ylim(LOG_BOTTOM_MS, worst_p99_ms * 1.4)
        axes.yaxis.set_major_locator(FixedLocator([tick for tick in _TICKS_MS if tick <= worst_p99_ms * 1.4]))
        axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: spoken(value)))


def count_axis(axes: Axes, most: float) -> None:
    """Show whole numbers from 0."""
    axes.set_ylim(0, max(most, 1.0) * 1.12)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def spoken(milliseconds: float) -> str:
    """Return it as an axis says it: 50 ms, 1.5 s."""
    return f"{milliseconds / 1000:g} s" if milliseconds >= 1000 else f"{milliseconds:g} ms"  # noqa: PLR2004  # ms in a second


def worst(values: Sequence[float]) -> float:
    """Return the greatest, or the budget where there is none."""
    return max(values, default=BUDGET_MS)
