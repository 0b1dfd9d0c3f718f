"""Draws a report: `chart REPORT.json CHART.png`, run by the Python of the benchmark's environment (matplotlib)."""

import json
import sys
from pathlib import Path
from typing import Any, Final

INK: Final = "#1f2a44"
OURS: Final = "#e4572e"
OTHERS: Final = "#8d99ae"
OWN: Final = {"ours", "product"}
COMPARED_AT: Final = 1000  # players
BARS: Final = ("ours", "node", "picows", "uvicorn", "textbook", "product")


def draw(report: dict[str, Any], target: Path) -> None:
    """Write the chart to `target`."""
    import matplotlib as mpl  # noqa: PLC0415  # only in the benchmark's environment

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415  # as above

    plt.rcParams.update({"font.size": 10, "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK})
    figure, (capacity, processor) = plt.subplots(1, 2, figsize=(11, 4.2), width_ratios=(3, 2))
    servers = {name: report["servers"][name] for name in BARS if name in report["servers"]}
    _bars(capacity, servers, "players", {name: one["capacity"] for name, one in servers.items()}, "{:,.0f}")
    capacity.set_title("Players on one core, p99 gap <= 60 ms", loc="left", fontweight="bold")
    at = {name: one["at"] for name, one in servers.items() if one["at"] and one["at"]["players"] == COMPARED_AT}
    shares = {name: step["server_cpu"] * 100 for name, step in at.items()}
    _bars(processor, {name: servers[name] for name in shares}, "% of the core", shares, "{:.0f} %")
    processor.set_title("Processor at 1,000 players", loc="left", fontweight="bold")
    machine = report["machine"]
    figure.text(0.01, 0.01, f"{machine.get('processor', '')} · medians of {report['rounds']} rounds", fontsize=8)
    figure.tight_layout(rect=(0, 0.04, 1, 1))
    figure.savefig(target, dpi=150)


def _bars(axes: Any, servers: dict[str, Any], unit: str, values: dict[str, float], label: str) -> None:
    names = list(reversed(values))
    colours = [OURS if name in OWN else OTHERS for name in names]
    bars = axes.barh(
        [servers[name]["title"].replace("`", "") for name in names], [values[name] for name in names], color=colours
    )
    axes.bar_label(bars, labels=[label.format(values[name]) for name in names], padding=4)
    axes.set_xlabel(unit)
    axes.margins(x=0.15)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


if __name__ == "__main__":
    source, picture = map(Path, sys.argv[1:])
    draw(json.loads(source.read_text(encoding="utf-8")), picture)
