"""The report as a picture: players on one core by server, and the processor that a thousand of them cost."""

from collections.abc import Mapping
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from loadtest.bench.capacity.figures import Report, Server
from loadtest.bench.capacity.measure import REPORT_AT
from loadtest.report.palette import LIGHT

SIZE: Final = (11.0, 4.2)  # inches
OWN: Final = {"ours", "product"}
BARS: Final[tuple[str, ...]] = ("ours", "node", "picows", "uvicorn", "textbook", "product")


def draw(report: Report) -> Figure:
    """Return the picture."""
    figure = Figure(figsize=SIZE, facecolor=LIGHT["paper"])
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.12)
    capacity, processor = figure.subplots(1, 2, width_ratios=(3, 2))
    servers = {name: report.servers[name] for name in BARS if name in report.servers}
    _bars(capacity, servers, {name: one.capacity for name, one in servers.items()}, "{:,.0f}")
    capacity.set_title("Players on one core, gap p99 at most 60 ms", loc="left", fontweight="bold", color=LIGHT["ink"])
    shares = {name: one.at.server_cpu * 100 for name, one in servers.items() if one.at and one.at.players == REPORT_AT}
    _bars(processor, servers, shares, "{:.0f} %")
    processor.set_title(f"Processor at {REPORT_AT:,} players", loc="left", fontweight="bold", color=LIGHT["ink"])
    words = f"{report.machine.get('processor', '')} · medians of {report.rounds} rounds"
    figure.supxlabel(words, x=0.01, ha="left", fontsize=9, color=LIGHT["muted"], parse_math=False)
    return figure


def _bars(axes: Axes, servers: Mapping[str, Server], values: dict[str, float], label: str) -> None:
    names = list(reversed(values))
    bars = axes.barh(
        [servers[name].title.replace("`", "") for name in names],
        [values[name] for name in names],
        color=[LIGHT["p99"] if name in OWN else LIGHT["crowd"] for name in names],
    )
    axes.bar_label(bars, labels=[label.format(values[name]) for name in names], padding=4, color=LIGHT["ink"])
    axes.set_facecolor("none")
    axes.margins(x=0.15)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(LIGHT["crowd"])
    axes.tick_params(axis="y", length=0, labelcolor=LIGHT["ink"])
    axes.tick_params(axis="x", colors=LIGHT["muted"])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
