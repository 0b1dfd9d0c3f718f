"""The picture of a run: gaps between frames above, players below, over the same time; and runs side by side.

It has the form of the tutorial's graph: a flat line at the tick of 50 ms, up to where the server no longer keeps up.
"""

from collections.abc import Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from loadtest.measure.result import Result
from loadtest.report.axes import SMALL, clean, gap_axis, legend, time_axis, value_axis, worst
from loadtest.report.curves import Curves, curves, known
from loadtest.report.headline import BUDGET_MS, LIMIT_MS, Break, circumstances, first_break, headline
from loadtest.report.palette import LIGHT

SIZE: Final = (10.4, 5.7)  # inches; at 160 dots an inch twice the width of a README
BARE: Final = (10.4, 4.9)  # inside a page, which already has the headline
_GRID: Final = {"height_ratios": (3.4, 1), "hspace": 0.13, "left": 0.075, "right": 0.885, "bottom": 0.07}


def ramp(result: Result, *, titled: bool = True) -> Figure:
    """Return the picture of one run."""
    figure = Figure(figsize=SIZE if titled else BARE, facecolor=LIGHT["paper"])
    _run(figure, (0, 1), result, _Scales([result]), top=0.77 if titled else 0.9)
    if titled:
        _titles(figure, 0.02, headline(result), circumstances(result))
    return figure


def side_by_side(runs: Sequence[tuple[str, Result]]) -> Figure:
    """Return one picture of several runs, on the same scales."""
    figure = Figure(figsize=SIZE, facecolor=LIGHT["paper"])
    scales = _Scales([result for _, result in runs])
    for place, (name, result) in enumerate(runs):
        left = _run(figure, (place, len(runs)), result, scales, top=0.77)
        _titles(figure, left, name, headline(result))
    return figure


class _Scales:
    """The ends of the axes that all runs of a picture share."""

    def __init__(self, results: Sequence[Result]) -> None:
        columns = [curves(result.series) for result in results]
        self.gap_ms = max((worst(known(one.p99)) for one in columns), default=BUDGET_MS)
        self.players = max((max(known(one.open), default=1.0) for one in columns), default=1.0)
        self.end_s = max([1.0, *(result.seconds for result in results), *(s for one in columns for s in one.t_s[-1:])])


def _run(figure: Figure, place: tuple[int, int], result: Result, scales: _Scales, *, top: float) -> float:
    """Draw one run into its column, and return the left end of that column."""
    column, of = place
    grid = figure.add_gridspec(2, of, top=top, wspace=0.07, **_GRID)
    gaps, crowd = figure.add_subplot(grid[0, column]), figure.add_subplot(grid[1, column])
    columns = curves(result.series)
    for axes in (gaps, crowd):
        clean(axes)
        time_axis(axes, scales.end_s, 9 // of)
        axes.tick_params(labelleft=not column)
    _gaps(gaps, columns, scales)
    _break(gaps, first_break(result), scales.end_s)
    _crowd(crowd, columns, scales)
    if not column:
        _legend(gaps, columns, result.plan.moment_s)
    if column == of - 1:
        edge = {"xycoords": ("axes fraction", "data"), "va": "center"}
        _note(gaps, "50 ms: one tick", (1.0, BUDGET_MS), (7, -6), LIGHT["ink"], **edge)
        _note(gaps, "60 ms: limit", (1.0, LIMIT_MS), (7, 6), LIGHT["limit"], **edge)
    return float(gaps.get_position().x0)


def _gaps(axes: Axes, columns: Curves, scales: _Scales) -> None:
    gap_axis(axes, scales.gap_ms)
    axes.tick_params(labelbottom=False)
    axes.spines["bottom"].set_visible(False)
    axes.fill_between(columns.t_s, columns.p50, columns.p99, color=LIGHT["p99"], alpha=0.12, linewidth=0)
    axes.plot(columns.t_s, columns.max, linestyle="none", marker=".", markersize=4, color=LIGHT["crowd"], zorder=3)
    axes.plot(columns.t_s, columns.tick, color=LIGHT["good"], linewidth=1.6, zorder=3)
    for values, name, width in ((columns.p50, "p50", 1.6), (columns.p95, "p95", 1.6), (columns.p99, "p99", 2.2)):
        axes.plot(columns.t_s, values, color=LIGHT[name], linewidth=width, solid_joinstyle="round", zorder=4)


def _break(axes: Axes, broke: Break | None, end_s: float) -> None:
    if broke is None:
        return
    start_s = broke.step.from_s
    axes.axvspan(start_s, end_s, color=LIGHT["limit"], alpha=0.06, linewidth=0)
    axes.axvline(start_s, color=LIGHT["limit"], linewidth=1.0)
    offset, side = (-6, "right") if start_s > end_s / 2 else (6, "left")
    place = {"xycoords": ("data", "axes fraction"), "va": "top", "ha": side}
    _note(axes, "p99 over 60 ms", (start_s, 0.96), (offset, 0), LIGHT["limit"], **place)


def _crowd(axes: Axes, columns: Curves, scales: _Scales) -> None:
    value_axis(axes, max(scales.players, 1.0), MaxNLocator(nbins=3, integer=True))
    axes.fill_between(columns.t_s, columns.open, color=LIGHT["crowd"], alpha=0.28, linewidth=0)
    axes.plot(columns.t_s, columns.wanted, color=LIGHT["muted"], linewidth=1.0, linestyle=(0, (1, 2)))
    axes.plot(columns.t_s, columns.open, color=LIGHT["crowd"], linewidth=1.6)
    box = {"facecolor": LIGHT["paper"], "linewidth": 0, "pad": 2}
    place = {"xycoords": "axes fraction", "va": "center", "bbox": box}
    _note(axes, "players connected", (0.012, 0.8), (0, 0), LIGHT["muted"], **place)


def _legend(axes: Axes, columns: Curves, moment_s: float) -> None:
    entries = [axes.plot([], [], color=LIGHT[name], linewidth=2.2, label=name)[0] for name in ("p50", "p95", "p99")]
    entries += axes.plot([], [], linestyle="none", marker=".", color=LIGHT["crowd"], label="slowest")
    if max(known(columns.tick), default=0.0) > axes.get_ylim()[0]:
        entries += axes.plot([], [], color=LIGHT["good"], linewidth=2.2, label="server tick p99")
    legend(axes, entries)
    grain = "by second" if moment_s == 1 else f"by stretches of {moment_s:g} s"
    if columns.each > 1:
        grain = f"the worst {moment_s:g} s of each {columns.each * moment_s:g} s"
    text = f"Time between two frames of a player, {grain}"
    _note(axes, text, (0, 1), (0, 25), LIGHT["ink"], xycoords="axes fraction", va="bottom")


def _note(axes: Axes, text: str, place: tuple[float, float], offset: tuple[int, int], colour: str, **more: Any) -> None:
    axes.annotate(text, place, xytext=offset, textcoords="offset points", color=colour, fontsize=SMALL, **more)


def _titles(figure: Figure, x: float, title: str, subtitle: str) -> None:
    # parse_math: a "$" in the name of a machine is no formula.
    figure.text(x, 0.95, title, fontsize=15, fontweight="bold", color=LIGHT["ink"], va="center", parse_math=False)
    figure.text(x, 0.895, subtitle, fontsize=10.5, color=LIGHT["muted"], va="center", parse_math=False)
