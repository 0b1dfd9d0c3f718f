"""A report as one HTML page: no script, nothing fetched, light and dark; each chart has a caption in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.template import Context, Engine
from django.utils.safestring import SafeString, mark_safe
from matplotlib.figure import Figure

from loadtest.judge.figures import amount
from loadtest.measure.latencies import Spread
from loadtest.measure.result import Result
from loadtest.report import charts, ramp_chart, tables
from loadtest.report.headline import DOUBT, circumstances, headline, most_players
from loadtest.report.palette import DARK, LIGHT, variables
from loadtest.report.svg import inline
from loadtest.report.tables import NONE, Table

_TEMPLATES: Final = Path(__file__).with_name("templates")
_ENGINE: Final = Engine(dirs=[str(_TEMPLATES)])
_STYLE: Final = (
    f":root {{ color-scheme: light dark; {variables(LIGHT)} --font: system-ui, -apple-system, sans-serif; }}\n"
    f"@media (prefers-color-scheme: dark) {{ :root {{ {variables(DARK)} }} }}\n"
    + (_TEMPLATES / "page.css").read_text(encoding="utf-8")
)

Facts = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A chart with its caption and perhaps a table, or a table alone."""

    title: str
    table: Table | None = None
    chart: SafeString | None = None
    caption: str = ""


def document(
    heading: str,
    sections: Sequence[Section],
    *,
    facts: Facts,
    outcome: str = "",
    lines: Sequence[str] = (),
    reasons: Sequence[str] = (),
) -> str:
    """Return a page that needs no other file. Every text is escaped."""
    context = {
        "title": heading,
        "style": mark_safe(_STYLE),  # noqa: S308  # our own file
        "outcome": outcome,
        "heading": heading.removeprefix(DOUBT),
        "lines": lines,
        "reasons": reasons,
        "facts": facts,
        "sections": sections,
    }
    return _ENGINE.get_template("page.html").render(Context(context))


def chart(name: str, title: str, caption: str, figure: Figure | None, table: Table | None = None) -> Iterator[Section]:
    """Yield the section of a chart whose `name` is unique on the page; nothing without a figure."""
    if figure is not None:
        svg = mark_safe(inline(figure, name, f"{title}. {caption}"))  # noqa: S308  # matplotlib escapes its text
        yield Section(title, table, svg, caption)


def page(result: Result) -> str:
    """Return the page of one run."""
    verdict = result.verdict
    return document(
        headline(result),
        [*_sections(result)],
        facts=_facts(result),
        outcome=verdict.outcome if verdict else "",
        lines=[circumstances(result), *([] if verdict else ["This run has no objectives."])],
        reasons=verdict.reasons if verdict else [],
    )


def _facts(result: Result) -> Facts:
    return [
        ("players at once", f"{most_players(result):,}"),
        ("gap p99", _p99(result.gap)),
        ("first frame p99", _p99(result.first_frame)),
        ("server tick p99", _p99(result.server.tick if result.server else None)),
        ("joins failed", f"{result.joins_failed:,} of {result.joins:,}"),
        ("generator lag p99", amount(round(result.generator.lag.p99_ms, 1), "ms")),
    ]


def _p99(spread: Spread | None) -> str:
    return amount(round(spread.p99_ms, 1), "ms") if spread and spread.count else NONE


def _sections(result: Result) -> Iterator[Section]:
    yield from _tables(tables.verdict(result))
    yield from chart(
        *("ramp", "Gaps between frames while players come"),
        f"{headline(result)}. Dashed: the tick of 50 ms; dotted: the limit of 60 ms. The band reaches from p50 to p99.",
        ramp_chart.ramp(result, titled=False) if result.series else None,
        tables.steps(result),
    )
    yield from chart(
        *("gaps", "All gaps by percentile"),
        "How long the rarest gaps are: each step to the right is ten times rarer. Corrected for coordinated omission: a"
        " stall counts for every frame that it delayed.",
        charts.distribution(result),
    )
    yield from _tables(tables.durations(result))
    yield from chart(
        *("players", "Player by player"),
        f"First frame and gap p99 of each of {len(result.players):,} players, in the order in which they came;"
        f" {sum(1 for one in result.players if one.frames):,} received a frame.",
        charts.players(result),
        tables.worst_players(result),
    )
    yield from chart(
        *("generator", "The load generator"),
        "A late generator measures itself: what it measured while it was late shows nothing about the server.",
        charts.generator(result),
    )
    yield from _tables(tables.counts(result), tables.server(result), tables.conditions(result))


def _tables(*found: Table | None) -> Iterator[Section]:
    return (Section(table.title, table) for table in found if table is not None)
