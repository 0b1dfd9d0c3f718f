"""The nights of a history as a picture: the ratio that is the gate, what was carried, and the p99 at that size."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from loadtest.report.axes import clean
from loadtest.report.headline import LIMIT_MS
from loadtest.report.history import History, Night
from loadtest.report.palette import LIGHT

SIZE: Final = (10.4, 5.7)  # inches
_SMALL: Final = 9.5
_MARKS: Final = {"pass": ("good", "o"), "fail": ("limit", "X"), "inconclusive": ("doubt", "D")}
_OTHER: Final = ("muted", "s")
_DAY: Final = 1.0  # of matplotlib's dates


def trend(history: History) -> Figure:
    """Return the picture."""
    figure = Figure(figsize=SIZE, facecolor=LIGHT["paper"])
    grid = figure.add_gridspec(
        3, 1, height_ratios=(3, 2, 2), hspace=0.42, left=0.075, right=0.97, top=0.87, bottom=0.07
    )
    panels: list[tuple[str, Callable[[Night], float | None]]] = [
        ("Capacity as a multiple of the textbook server's, same machine, same night", lambda night: night.ratio),
        ("Players carried", lambda night: night.players),
        ("Gap p99 there, ms", lambda night: night.gap_p99_ms),
    ]
    for place, (title, of) in enumerate(panels):
        axes = figure.add_subplot(grid[place])
        _panel(axes, history.nights, title, of)
        axes.tick_params(labelbottom=place == len(panels) - 1)
        if place == len(panels) - 1:
            axes.axhline(LIMIT_MS, color=LIGHT["limit"], linewidth=1.1, linestyle=(0, (2, 2)), zorder=1)
    _key(figure)
    return figure


def _panel(axes: Axes, nights: Sequence[Night], title: str, of: Callable[[Night], float | None]) -> None:
    clean(axes)
    known = [(float(date2num(night.at)), value, night) for night in nights if (value := of(night)) is not None]
    axes.plot([at for at, _, _ in known], [value for _, value, _ in known], color=LIGHT["crowd"], linewidth=1.4)
    for at, value, night in known:
        name, marker = _MARKS.get(night.verdict, _OTHER)
        axes.plot([at], [value], marker=marker, markersize=7, color=LIGHT[name], markeredgecolor=LIGHT["paper"])
    _machines(axes, nights)
    days = [float(date2num(night.at)) for night in nights]
    axes.set_xlim(min(days) - _DAY / 2, max(days) + _DAY / 2)
    axes.set_ylim(0, max([1.0, *(value for _, value, _ in known)]) * 1.2)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4))
    dates = AutoDateLocator(minticks=3, maxticks=9)
    axes.xaxis.set_major_locator(dates)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(dates, show_offset=False))
    axes.set_title(title, loc="left", fontsize=_SMALL, color=LIGHT["ink"])


def _machines(axes: Axes, nights: Sequence[Night]) -> None:
    """Draw a line where the machine changes: only ratios go on across it."""
    for before, after in pairwise(nights):
        if before.machine != after.machine:
            axes.axvline(float(date2num(after.at)) - _DAY / 2, color=LIGHT["muted"], linewidth=1, linestyle=(0, (1, 2)))


def _key(figure: Figure) -> None:
    axes = figure.axes[0]
    entries = [
        axes.plot([], [], linestyle="none", marker=marker, markersize=7, color=LIGHT[name], label=verdict)[0]
        for verdict, (name, marker) in _MARKS.items()
    ]
    entries += axes.plot([], [], color=LIGHT["muted"], linewidth=1, linestyle=(0, (1, 2)), label="another machine")
    figure.legend(
        handles=entries, loc="upper left", bbox_to_anchor=(0.06, 1.0), ncols=4, frameon=False, labelcolor=LIGHT["muted"]
    )
