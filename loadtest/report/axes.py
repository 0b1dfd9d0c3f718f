"""The common style of all charts: axes of time, milliseconds and counts, lines of limits, and legends."""

from collections.abc import Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from loadtest.report.headline import BUDGET_MS, LIMIT_MS
from loadtest.report.palette import LIGHT

SMALL: Final = 9.5  # size of text, points
LINEAR_TOP_MS: Final = 100.0  # the least top of a linear axis: two ticks
LOG_ABOVE_MS: Final = 220.0  # with a p99 above this, 50 and 60 ms would be on one line of a linear axis
LOG_BOTTOM_MS: Final = 30.0
_TICKS_MS: Final = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)
_MINUTE: Final = 60
_HOUR: Final = 3600


def clean(axes: Axes) -> None:
    """Leave lines, text and a grid for values."""
    axes.set_facecolor("none")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(LIGHT["crowd"])
    axes.tick_params(colors=LIGHT["muted"], length=0, pad=6)
    axes.grid(axis="y", color=LIGHT["grid"], linewidth=1)
    axes.set_axisbelow(True)


def time_axis(axes: Axes, end_s: float, bins: int = 9) -> None:
    """Show seconds, minutes or hours: the unit that gives small numbers."""
    unit, name = next((one for one in ((_HOUR, "h"), (_MINUTE, "min")) if end_s >= 3 * one[0]), (1, "s"))
    end_s = max(end_s, 1.0)
    axes.set_xlim(0, end_s)
    places = MaxNLocator(nbins=bins, steps=[1, 1.5, 2, 2.5, 3, 5, 10], integer=True).tick_values(0, end_s / unit)
    axes.xaxis.set_major_locator(FixedLocator([place * unit for place in places if place * unit <= end_s]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / unit:g} {name}"))


def gap_axis(axes: Axes, worst_p99_ms: float) -> None:
    """Show milliseconds with lines at the tick and the limit: linear near the tick, logarithmic for a slow server."""
    if worst_p99_ms <= LOG_ABOVE_MS:
        axes.set_ylim(0, max(LINEAR_TOP_MS, worst_p99_ms * 1.15))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    else:
        axes.set_yscale("log")
        axes.set_ylim(LOG_BOTTOM_MS, worst_p99_ms * 1.4)
        axes.yaxis.set_major_locator(FixedLocator([tick for tick in _TICKS_MS if tick <= worst_p99_ms * 1.4]))
        axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value / 1000:g} s" if value >= 1000 else f"{value:g} ms")  # noqa: PLR2004  # ms in a second
    )
    axes.axhline(BUDGET_MS, color=LIGHT["ink"], linewidth=1.1, linestyle=(0, (5, 3)), zorder=1.5)
    limit_line(axes)


def limit_line(axes: Axes) -> None:
    axes.axhline(LIMIT_MS, color=LIGHT["limit"], linewidth=1.1, linestyle=(0, (2, 2)), zorder=1.5)


def value_axis(axes: Axes, most: float, locator: MaxNLocator) -> None:
    """Show numbers from 0."""
    axes.set_ylim(0, most * 1.12)
    axes.yaxis.set_major_locator(locator)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def title(axes: Axes, text: str) -> None:
    axes.set_title(text, loc="left", fontsize=SMALL, color=LIGHT["ink"])


def legend(axes: Axes, handles: Sequence[Any] | None = None) -> None:
    """Write the legend in one row above the axes."""
    found = axes.get_legend_handles_labels()[0] if handles is None else handles
    axes.legend(
        handles=found,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=len(found),
        frameon=False,
        fontsize=SMALL,
        labelcolor=LIGHT["muted"],
        handlelength=1.3,
        handletextpad=0.5,
        columnspacing=1.5,
        borderaxespad=0.5,
        borderpad=0,
    )


def worst(values: Sequence[float]) -> float:
    """Return the greatest value, or the tick of 50 ms without values."""
    return max(values, default=BUDGET_MS)
