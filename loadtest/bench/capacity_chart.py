"""A run as a picture: players on one core by server, and the CPU that 1,000 of them need."""

from collections.abc import Mapping
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from loadtest.bench.capacity import REPORT_AT
from loadtest.bench.capacity_report import Report, Server
from loadtest.report.axes import clean
from loadtest.report.palette import LIGHT

SIZE: Final = (11.0, 4.2)  # inches
OWN: Final = {"ours", "product"}
BARS: Final[tuple[str, ...]] = ("ours", "node", "picows", "uvicorn", "textbook", "product")


def draw(report: Report) -> Figure:
    figure = Figure(figsize=SIZE, facecolor=LIGHT["paper"])
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.12)
    capacity, cpu = figure.subplots(1, 2, width_ratios=(3, 2))
    servers = {name: report.servers[name] for name in BARS if name in report.servers}
    _bars(capacity, servers, {name: one.capacity for name, one in servers.items()}, "{:,.0f}")
    capacity.set_title("Players on one core, gap p99 at most 60 ms", loc="left", fontweight="bold", color=LIGHT["ink"])
    shares = {name: one.at.server_cpu * 100 for name, one in servers.items() if one.at and one.at.players == REPORT_AT}
    _bars(cpu, servers, shares, "{:.0f} %")
    cpu.set_title(f"CPU at {REPORT_AT:,} players", loc="left", fontweight="bold", color=LIGHT["ink"])
    words = f"{report.machine.get('processor', '')} · medians of {report.rounds} rounds"
    figure.supxlabel(words, x=0.01, ha="left", fontsize=9, color=LIGHT["muted"], parse_math=False)
    return figure


def _bars(axes: Axes, servers: Mapping[str, Server], values: dict[str, float], label: str) -> None:
    names = list(reversed(values))
    bars = axes.barh(
        [servers[name].title for name in names],
        [values[name] for name in names],
        color=[LIGHT["p99"] if name in OWN else LIGHT["crowd"] for name in names],
    )
    axes.bar_label(bars, labels=[label.format(values[name]) for name in names], padding=4, color=LIGHT["ink"])
    clean(axes)
    axes.grid(visible=False)
    axes.margins(x=0.15)
    axes.tick_params(axis="y", labelcolor=LIGHT["ink"])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
