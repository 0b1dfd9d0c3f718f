"""The smaller charts of a page: how gaps are distributed, what each player got, and how well the load was made."""

from collections.abc import Sequence
from math import log10
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from loadtest.measure.latencies import LONGEST_S, Latencies
from loadtest.measure.result import Player, Result
from loadtest.report.axes import clean, gap_axis, time_axis, worst
from loadtest.report.curves import curves, known
from loadtest.report.headline import BUDGET_MS, LIMIT_MS
from loadtest.report.palette import LIGHT

SIZE: Final = (10.4, 3.0)  # inches
SHARES: Final = (0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999)  # the percentiles of a distribution's axis
_SMALL: Final = 9.5
_PLAYERS_MAX: Final = 3000  # points that a page holds; with more, every second, third, … player
_LONGEST_MS: Final = LONGEST_S * 1000


def distribution(result: Result) -> Figure | None:
    """Return how long the gaps are by percentile, the rare ones wide; None if the result has no histogram of them."""
    rows = _rows(result.histograms.get("gap", ""))
    if not rows:
        return None
    figure, axes = _panel()
    total, seen = sum(count for _, count in rows), 0
    nines, values = [], []
    for value_ms, count in rows:
        nines.append(-log10(1 - seen / total))
        values.append(value_ms)
        seen += count
    gap_axis(axes, max(values))
    axes.plot(nines, values, color=LIGHT["p99"], linewidth=2.2, drawstyle="steps-post")
    _lines(axes)
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
    figure, axes = _panel()
    every = result.players[:: len(result.players) // _PLAYERS_MAX + 1]
    first = [(one.number, one.first_frame_ms) for one in every if one.first_frame_ms is not None]
    late = [(one.number, one.gap.p99_ms) for one in every if one.gap.count]
    values = [min(value, _LONGEST_MS) for _, value in first + late]
    gap_axis(axes, worst(values))
    for points, colour, label in ((first, "p50", "first frame"), (late, "p99", "gap p99")):
        axes.plot(
            [number for number, _ in points],
            [min(value, _LONGEST_MS) for _, value in points],
            linestyle="none",
            marker="o",
            markersize=3.2,
            color=LIGHT[colour],
            label=label,
        )
    _lines(axes)
    axes.set_xlim(0, max(one.number for one in every) + 1)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    _key(axes)
    return figure


def generator(result: Result) -> Figure | None:
    """Return how late the generator's loops woke and, where it tells, how many cores it used; None without moments."""
    if not result.series:
        return None
    columns = curves(result.series)
    figure, lag = _panel()
    panels = [(lag, columns.lag, "p95", "lag p99 of its loops, ms")]
    if known(columns.cpu):
        lag.set_position((0.075, 0.12, 0.40, 0.72))
        panels.append((figure.add_axes((0.54, 0.12, 0.345, 0.72)), columns.cpu, "p50", "cores used"))
    for axes, values, colour, title in panels:
        most = max([*known(values), 0.01])
        clean(axes)
        axes.set_ylim(0, most * 1.12)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_major_locator(_few(most))
        time_axis(axes, columns.t_s[-1], 8 // len(panels))
        axes.plot(columns.t_s, values, color=LIGHT[colour], linewidth=1.6)
        axes.set_title(title, loc="left", fontsize=_SMALL, color=LIGHT["ink"])
    return figure


def served(players: Sequence[Player]) -> int:
    """Return how many of them got a frame."""
    return sum(1 for one in players if one.frames)


def _panel() -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE, facecolor=LIGHT["paper"])
    axes = figure.add_axes((0.075, 0.12, 0.81, 0.78))
    clean(axes)
    return figure, axes


def _lines(axes: Axes) -> None:
    axes.axhline(BUDGET_MS, color=LIGHT["ink"], linewidth=1.1, linestyle=(0, (5, 3)), zorder=1)
    axes.axhline(LIMIT_MS, color=LIGHT["limit"], linewidth=1.1, linestyle=(0, (2, 2)), zorder=1)


def _key(axes: Axes) -> None:
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=2,
        frameon=False,
        fontsize=_SMALL,
        labelcolor=LIGHT["muted"],
        handletextpad=0.2,
        borderaxespad=0.3,
        borderpad=0,
    )


def _few(most: float) -> FixedLocator:
    step = 10 ** int(f"{most:e}".partition("e")[2]) if most > 0 else 1.0
    step = next(size for size in (step / 2, step, 2 * step, 5 * step) if most / size <= 4)  # noqa: PLR2004  # lines of a small chart
    return FixedLocator([step * place for place in range(6) if step * place <= most * 1.12])


def _rows(text: str) -> list[tuple[float, int]]:
    try:
        return Latencies.decode(text).rows() if text else []
    except ValueError:
        return []
