"""The picture of a run: gaps between frames above, players below, over the same time; and runs side by side.

Whoever knows the tutorial's graph finds it again: a flat line at the budget of 50 ms while the server keeps up, and
where it no longer does.
"""

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtest.measure.result import Result
from loadtest.report.axes import clean, count_axis, gap_axis, time_axis, worst
from loadtest.report.curves import Curves, curves, known
from loadtest.report.headline import BUDGET_MS, LIMIT_MS, Break, circumstances, first_break, headline
from loadtest.report.palette import LIGHT

SIZE: Final = (10.4, 5.7)  # inches; at 160 dots an inch twice the width of a README
BARE: Final = (10.4, 4.9)  # inside a page, which has the headline already
_SMALL: Final = 9.5
_GRID: Final = {"height_ratios": (3.4, 1), "hspace": 0.13, "left": 0.075, "right": 0.885, "bottom": 0.07}


def ramp(result: Result, *, titled: bool = True) -> Figure:
    """Return the picture of one run."""
    figure = Figure(figsize=SIZE if titled else BARE, facecolor=LIGHT["paper"])
    _run(figure, (0, 1), result, _Scales([result]))
    if titled:
        _words(figure, 0.02, 0.95, headline(result), size=15.0, weight="bold")
        _words(figure, 0.02, 0.895, circumstances(result), colour=LIGHT["muted"])
    return figure


def side_by_side(runs: Sequence[tuple[str, Result]]) -> Figure:
    """Return one picture of several runs, on the same scales."""
    figure = Figure(figsize=SIZE, facecolor=LIGHT["paper"])
    scales = _Scales([result for _, result in runs])
    for place, (name, result) in enumerate(runs):
        left = _run(figure, (place, len(runs)), result, scales)
        _words(figure, left, 0.95, name, size=14.0, weight="bold")
        _words(figure, left, 0.895, headline(result), colour=LIGHT["muted"])
    return figure


class _Scales:
    """What the axes of all runs of a picture have to hold."""

    def __init__(self, results: Sequence[Result]) -> None:
        columns = [curves(result.series) for result in results]
        self.gap_ms = max((worst(known(one.p99)) for one in columns), default=BUDGET_MS)
        self.players = max((max(known(one.open), default=1.0) for one in columns), default=1.0)
        self.end_s = max([1.0, *(result.seconds for result in results), *(s for one in columns for s in one.t_s[-1:])])


def _run(figure: Figure, place: tuple[int, int], result: Result, scales: _Scales) -> float:
    """Draw one run into its column, and return where that begins."""
    column, of = place
    top = 0.77 if figure.get_figheight() == SIZE[1] else 0.9
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
        _limits(gaps)
    return float(gaps.get_position().x0)


def _gaps(axes: Axes, columns: Curves, scales: _Scales) -> None:
    gap_axis(axes, scales.gap_ms)
    axes.tick_params(labelbottom=False)
    axes.spines["bottom"].set_visible(False)
    axes.axhline(BUDGET_MS, color=LIGHT["ink"], linewidth=1.1, linestyle=(0, (5, 3)), zorder=2)
    axes.axhline(LIMIT_MS, color=LIGHT["limit"], linewidth=1.1, linestyle=(0, (2, 2)), zorder=2)
    axes.fill_between(columns.t_s, columns.p50, columns.p99, color=LIGHT["p99"], alpha=0.12, linewidth=0)
    axes.plot(columns.t_s, columns.max, linestyle="none", marker=".", markersize=4, color=LIGHT["crowd"], zorder=3)
    axes.plot(columns.t_s, columns.tick, color=LIGHT["good"], linewidth=1.6, zorder=3)
    for values, name, width in ((columns.p50, "p50", 1.6), (columns.p95, "p95", 1.6), (columns.p99, "p99", 2.2)):
        axes.plot(columns.t_s, values, color=LIGHT[name], linewidth=width, solid_joinstyle="round", zorder=4)


def _break(axes: Axes, broke: Break | None, end_s: float) -> None:
    if broke is None:
        return
    axes.axvspan(broke.step.from_s, end_s, color=LIGHT["limit"], alpha=0.06, linewidth=0)
    axes.axvline(broke.step.from_s, color=LIGHT["limit"], linewidth=1.0)
    late = broke.step.from_s > end_s / 2
    axes.annotate(
        "p99 over 60 ms",
        (broke.step.from_s, 0.96),
        xycoords=("data", "axes fraction"),
        xytext=(-6 if late else 6, 0),
        textcoords="offset points",
        color=LIGHT["limit"],
        fontsize=_SMALL,
        va="top",
        ha="right" if late else "left",
    )


def _crowd(axes: Axes, columns: Curves, scales: _Scales) -> None:
    count_axis(axes, scales.players)
    axes.fill_between(columns.t_s, columns.open, color=LIGHT["crowd"], alpha=0.28, linewidth=0)
    axes.plot(columns.t_s, columns.wanted, color=LIGHT["muted"], linewidth=1.0, linestyle=(0, (1, 2)))
    axes.plot(columns.t_s, columns.open, color=LIGHT["crowd"], linewidth=1.6)
    box = {"facecolor": LIGHT["paper"], "linewidth": 0, "pad": 2}
    axes.text(
        *(0.012, 0.8, "players connected"),
        transform=axes.transAxes,
        color=LIGHT["muted"],
        fontsize=_SMALL,
        va="center",
        bbox=box,
    )


def _limits(axes: Axes) -> None:
    for value, words, colour, side in (
        (BUDGET_MS, "50 ms: one tick", LIGHT["ink"], -1),
        (LIMIT_MS, "60 ms: limit", LIGHT["limit"], 1),
    ):
        axes.annotate(
            words,
            (1.0, value),
            xycoords=("axes fraction", "data"),
            xytext=(7, side),
            textcoords="offset points",
            color=colour,
            fontsize=_SMALL,
            va="bottom" if side > 0 else "top",
        )


def _legend(axes: Axes, columns: Curves, moment_s: float) -> None:
    entries = [axes.plot([], [], color=LIGHT[name], linewidth=2.2, label=name)[0] for name in ("p50", "p95", "p99")]
    entries += axes.plot([], [], linestyle="none", marker=".", color=LIGHT["crowd"], label="slowest")
    if max(known(columns.tick), default=0.0) > axes.get_ylim()[0]:
        entries += axes.plot([], [], color=LIGHT["good"], linewidth=2.2, label="server tick p99")
    axes.legend(
        handles=entries,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=len(entries),
        frameon=False,
        fontsize=_SMALL,
        labelcolor=LIGHT["muted"],
        handlelength=1.3,
        handletextpad=0.5,
        columnspacing=1.5,
        borderaxespad=0.5,
        borderpad=0,
    )
    axes.annotate(
        f"Time between two frames of a player, {_grain(columns.each, moment_s)}",
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 25),
        textcoords="offset points",
        color=LIGHT["ink"],
        fontsize=_SMALL,
        va="bottom",
    )


def _grain(each: int, moment_s: float) -> str:
    if each > 1:
        return f"the worst {moment_s:g} s of each {each * moment_s:g} s"
    return "by second" if moment_s == 1 else f"by stretches of {moment_s:g} s"


def _words(
    figure: Figure,
    x: float,
    y: float,
    words: str,
    *,
    size: float = 10.5,
    weight: str = "normal",
    colour: str = LIGHT["ink"],
) -> None:
    # parse_math: a "$" in the name of a machine is no formula.
    figure.text(x, y, words, fontsize=size, fontweight=weight, color=colour, va="center", parse_math=False)
