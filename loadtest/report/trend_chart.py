"""The nights of a history as a picture: the ratio that decides, the players carried, and the gap p99 at that size."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from loadtest.report.axes import clean, limit_line, title
from loadtest.report.history import History, Night
from loadtest.report.palette import LIGHT

SIZE: Final = (10.4, 5.7)  # inches
_MARKS: Final = {"pass": ("good", "o"), "fail": ("limit", "X"), "inconclusive": ("doubt", "D")}
_OTHER: Final = ("muted", "s")
_DAY: Final = 1.0  # of matplotlib's dates
_MACHINE: Final[dict[str, Any]] = {"color": LIGHT["muted"], "linewidth": 1, "linestyle": (0, (1, 2))}
_PANELS: Final[Sequence[tuple[str, Callable[[Night], float | None]]]] = (
    ("Capacity as a multiple of the textbook server's, same machine, same night", lambda night: night.ratio),
    ("Players carried", lambda night: night.players),
    ("Gap p99 there, ms", lambda night: night.gap_p99_ms),
)


def trend(history: History) -> Figure:
    figure = Figure(figsize=SIZE, facecolor=LIGHT["paper"])
    panels = figure.subplots(
        *(len(_PANELS), 1),
        sharex=True,
        gridspec_kw={"height_ratios": (3, 2, 2), "hspace": 0.42, "left": 0.075, "right": 0.97, "top": 0.87}
        | {"bottom": 0.07},
    )
    for axes, (text, of) in zip(panels, _PANELS, strict=True):
        _panel(axes, history.nights, of)
        title(axes, text)
    limit_line(panels[-1])
    handles = [_point(panels[0], [], [], verdict) for verdict in _MARKS]
    handles += panels[0].plot([], [], label="another machine", **_MACHINE)
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.06, 1.0), ncols=4, frameon=False, labelcolor=LIGHT["muted"]
    )
    return figure


def _panel(axes: Axes, nights: Sequence[Night], of: Callable[[Night], float | None]) -> None:
    clean(axes)
    known = [(float(date2num(night.at)), value, night.verdict) for night in nights if (value := of(night)) is not None]
    axes.plot([at for at, _, _ in known], [value for _, value, _ in known], color=LIGHT["crowd"], linewidth=1.4)
    for at, value, verdict in known:
        _point(axes, [at], [value], verdict)
    for before, after in pairwise(nights):  # only ratios are comparable across a change of machine
        if before.machine != after.machine:
            axes.axvline(float(date2num(after.at)) - _DAY / 2, **_MACHINE)
    days = [float(date2num(night.at)) for night in nights]
    axes.set_xlim(min(days) - _DAY / 2, max(days) + _DAY / 2)
    axes.set_ylim(0, max([1.0, *(value for _, value, _ in known)]) * 1.2)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4))
    dates = AutoDateLocator(minticks=3, maxticks=9)
    axes.xaxis.set_major_locator(dates)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(dates, show_offset=False))


def _point(axes: Axes, x: list[float], y: list[float], verdict: str) -> Any:
    name, marker = _MARKS.get(verdict, _OTHER)
    (point,) = axes.plot(x, y, marker, markersize=7, label=verdict, color=LIGHT[name], markeredgecolor=LIGHT["paper"])
    return point
