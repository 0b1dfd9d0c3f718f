"""The smaller charts of a page: the distribution of gaps, the players one by one, and the load generator."""

from math import log10
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from loadtest.measure.latencies import LONGEST_S, Latencies
from loadtest.measure.result import Result
from loadtest.report.axes import clean, gap_axis, legend, time_axis, title, value_axis, worst
from loadtest.report.curves import curves, known
from loadtest.report.palette import LIGHT

SIZE: Final = (10.4, 3.0)  # inches
SHARES: Final = (0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999)  # the percentiles on the axis of a distribution
_PLAYERS_MAX: Final = 3000  # points of a page; with more players it shows every second, third, …
_LONGEST_MS: Final = LONGEST_S * 1000
_PANEL: Final = (0.075, 0.12, 0.81, 0.78)


def distribution(result: Result) -> Figure | None:
    """Return the gaps by percentile, on an axis that widens the rare ones; None without a histogram."""
    rows = _rows(result.histograms.get("gap", ""))
    if not rows:
        return None
    figure = Figure(figsize=SIZE, facecolor=LIGHT["paper"])
    axes = _panel(figure)
    total, seen, nines = sum(count for _, count in rows), 0, []
    for _, count in rows:
        nines.append(-log10(1 - seen / total))
        seen += count
    gap_axis(axes, max(value_ms for value_ms, _ in rows))
    axes.plot(nines, [value_ms for value_ms, _ in rows], color=LIGHT["p99"], linewidth=2.2, drawstyle="steps-post")
    places = [-log10(1 - share) for share in SHARES if 1 / (1 - share) <= total]
    axes.xaxis.set_major_locator(FixedLocator([0, *places]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda place, _: f"p{100 * (1 - 10**-place):.10g}" if place else ""))
    axes.set_xlim(0, max(nines) + 0.05)
    return figure


def players(result: Result) -> Figure | None:
    """Return each player's gap p99 and first frame, in the order in which they came; None without players."""
    if not result.players:
        return None
    figure = Figure(figsize=SIZE, facecolor=LIGHT["paper"])
    axes = _panel(figure)
    every = result.players[:: len(result.players) // _PLAYERS_MAX + 1]
    points = {
        "first frame": [(one.number, one.first_frame_ms) for one in every if one.first_frame_ms is not None],
        "gap p99": [(one.number, one.gap.p99_ms) for one in every if one.gap.count],
    }
    gap_axis(axes, worst([min(value, _LONGEST_MS) for found in points.values() for _, value in found]))
    for (label, found), colour in zip(points.items(), ("p50", "p99"), strict=True):
        numbers, values = [number for number, _ in found], [min(value, _LONGEST_MS) for _, value in found]
        axes.plot(numbers, values, linestyle="none", marker="o", markersize=3.2, color=LIGHT[colour], label=label)
    axes.set_xlim(0, max(one.number for one in every) + 1)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    legend(axes)
    return figure


def generator(result: Result) -> Figure | None:
    """Return how late the generator's loops woke, and its cores if they are known; None without moments."""
    if not result.series:
        return None
    columns = curves(result.series)
    figure = Figure(figsize=SIZE, facecolor=LIGHT["paper"])
    lag = _panel(figure)
    panels = [(lag, columns.lag, "p95", "lag p99 of its loops, ms")]
    if known(columns.cpu):
        lag.set_position((0.075, 0.12, 0.40, 0.72))
        panels.append((_panel(figure, (0.54, 0.12, 0.345, 0.72)), columns.cpu, "p50", "cores used"))
    for axes, values, colour, text in panels:
        value_axis(axes, max([*known(values), 0.01]), MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
        time_axis(axes, columns.t_s[-1], 8 // len(panels))
        axes.plot(columns.t_s, values, color=LIGHT[colour], linewidth=1.6)
        title(axes, text)
    return figure


def _panel(figure: Figure, place: tuple[float, float, float, float] = _PANEL) -> Axes:
    axes = figure.add_axes(place)
    clean(axes)
    return axes


def _rows(text: str) -> list[tuple[float, int]]:
    try:
        return Latencies.decode(text).rows() if text else []
    except ValueError:
        return []
