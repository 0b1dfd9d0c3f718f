"""A history of nightly runs as trend.png, trend.html and trend.md, each written whole or not at all."""

from pathlib import Path
from typing import Final

from loadtest.judge.figures import amount
from loadtest.report.history import History, Night
from loadtest.report.markdown import table_lines, words
from loadtest.report.page import Section, chart, document
from loadtest.report.tables import NONE, Table
from loadtest.report.trend_chart import trend
from loadtest.report.write import png, write_all

SHOWN: Final = 60  # nights of a table, newest first
SUMMARY: Final = 14  # nights of the Markdown


def write_trend(history: History, folder: Path) -> list[Path]:
    """Write the trend of `history` into `folder` and return its files. Raises CannotRunError."""
    return write_all(
        folder,
        {
            "trend.png": png(trend(history)),
            "trend.html": page(history).encode(),
            "trend.md": markdown(history).encode(),
        },
    )


def markdown(history: History) -> str:
    """Return the newest nights as Markdown."""
    lines = [f"## {words(headline(history))}", "", *table_lines(nights(history, SUMMARY)), ""]
    lost = f"Lines of the history that could not be read: {history.unreadable:,}."
    return "\n".join([*lines, *([lost, ""] if history.unreadable else [])])


def page(history: History) -> str:
    newest = history.nights[-1]
    caption = (
        "The ratio decides: it compares two servers on one machine in one night. Players and milliseconds belong to"
        " their machine; a dotted line marks another one."
    )
    return document(
        headline(history),
        [*chart("trend", "Night by night", caption, trend(history)), Section("Nights", nights(history, SHOWN))],
        facts=[
            ("nights", f"{len(history.nights):,}"),
            *_figures(newest),
            ("lines not read", f"{history.unreadable:,}"),
        ],
        outcome=newest.verdict,
    )


def headline(history: History) -> str:
    """Return the newest night in a sentence."""
    newest = history.nights[-1]
    ratio = "ratio not measured" if newest.ratio is None else f"{newest.ratio:.3g} times the textbook server"
    return f"{newest.at:%Y-%m-%d}: {ratio}"


def nights(history: History, most: int) -> Table:
    """Return the newest nights, newest first."""
    rows = [
        (f"{one.at:%Y-%m-%d %H:%M}", one.verdict, *(value for _, value in _figures(one)), one.version)
        for one in reversed(history.nights[-most:])
    ]
    names = [name for name, _ in _figures(history.nights[-1])]
    return Table("Nights", ("night (UTC)", "verdict", *names, "version"), rows, left=True)


def _figures(night: Night) -> list[tuple[str, str]]:
    return [
        ("ratio", NONE if night.ratio is None else f"{night.ratio:.3g}"),
        ("players", NONE if night.players is None else f"{night.players:,}"),
        ("gap p99", NONE if night.gap_p99_ms is None else amount(night.gap_p99_ms, "ms")),
        ("server's cores", NONE if night.server_cpu is None else f"{night.server_cpu:.2f}"),
    ]
