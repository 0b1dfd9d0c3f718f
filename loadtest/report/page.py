"""A run as one HTML page: no script, nothing fetched, light and dark, every chart said in words and figures as well."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final

from matplotlib.figure import Figure

from loadtest.judge.figures import amount
from loadtest.measure.result import Result, Verdict
from loadtest.report import charts, ramp_chart, tables
from loadtest.report.headline import DOUBT, circumstances, headline, most_players
from loadtest.report.palette import DARK, LIGHT, variables
from loadtest.report.svg import inline
from loadtest.report.tables import Table

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_THEMES: Final = (
    f":root {{ color-scheme: light dark; {variables(LIGHT)} --font: system-ui, -apple-system, sans-serif; }}\n"
    f"@media (prefers-color-scheme: dark) {{ :root {{ {variables(DARK)} }} }}\n"
)
STYLE: Final = _THEMES + Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def page(result: Result) -> str:
    """Return the whole page."""
    return document(
        f"Load test: {headline(result)}", [*_head(result), *_asked(result), *_charts(result), *_tables(result)]
    )


def document(title: str, body: Sequence[str]) -> str:
    """Return a page that needs nothing else, around `body`."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            "<main>",
            *body,
            "</main>",
            "</html>",
            "",
        ]
    )


def chart(name: str, title: str, words: str, figure: Figure | None, table: Table | None = None) -> Iterator[str]:
    """Give a chart with its heading, what it shows in words, and its figures; nothing where there is no figure."""
    if figure is None:
        return
    yield f"<section><h2>{escape(title)}</h2><figure>"
    yield f'<div class="wide">{inline(figure, name, f"{title}. {words}")}</div>'
    yield f"<figcaption>{escape(words)}</figcaption>"
    if table is not None:
        yield f"<details><summary>{escape(table.title)} as a table</summary>{markup(table)}</details>"
    yield "</figure></section>"


def markup(table: Table, *, words: bool = False) -> str:
    """Return a table; `words` reads from the left throughout."""
    heads = "".join(f'<th scope="col">{escape(one)}</th>' for one in table.columns)
    rows = "".join(
        f'<tr><th scope="row"{_mark(row[0])}>{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in table.rows
    )
    head = f"<thead><tr>{heads}</tr></thead>" if any(table.columns) else ""
    kind = ' class="words"' if words else ""
    return f'<div class="wide"><table{kind}>{head}<tbody>{rows}</tbody></table></div>'


def section(table: Table, *, words: bool = True) -> str:
    """Return a table under its own heading."""
    return f"<section><h2>{escape(table.title)}</h2>{markup(table, words=words)}</section>"


def badge(outcome: str) -> str:
    """Return the outcome as a mark."""
    return f'<span class="badge {escape(outcome)}">{escape(outcome)}</span>'


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Return figures to be seen first."""
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs)
    return f'<dl class="facts">{cells}</dl>'


def _mark(word: str) -> str:
    return f' class="{word}"' if word in {"ok", "broken"} else ""


def _head(result: Result) -> Iterator[str]:
    yield "<header>"
    yield badge(result.verdict.outcome) if result.verdict else ""
    yield f"<h1>{escape(headline(result).removeprefix(DOUBT))}</h1>"
    yield f'<p class="quiet">{escape(circumstances(result))}</p>'
    yield _reasons(result.verdict) if result.verdict else '<p class="quiet">No objectives were asked of this run.</p>'
    tick = result.server.tick if result.server else None
    yield facts(
        [
            ("players at once", f"{most_players(result):,}"),
            ("gap p99", amount(round(result.gap.p99_ms, 1), "ms") if result.gap.count else tables.NONE),
            (
                "first frame p99",
                amount(round(result.first_frame.p99_ms, 1), "ms") if result.first_frame.count else tables.NONE,
            ),
            ("server tick p99", amount(round(tick.p99_ms, 1), "ms") if tick and tick.count else tables.NONE),
            ("joins failed", f"{result.joins_failed:,} of {result.joins:,}"),
            ("generator lag p99", amount(round(result.generator.lag.p99_ms, 1), "ms")),
        ]
    )
    yield "</header>"


def _reasons(verdict: Verdict) -> str:
    return f'<ul class="reasons">{"".join(f"<li>{escape(reason)}</li>" for reason in verdict.reasons)}</ul>'


def _charts(result: Result) -> Iterator[str]:
    yield from chart(
        *("ramp", "Gaps between frames while players come"),
        f"{headline(result)}. Dashed: the tick of 50 ms; dotted: the limit of 60 ms. The band reaches from p50 to p99.",
        ramp_chart.ramp(result, titled=False) if result.series else None,
        tables.steps(result),
    )
    yield from chart(
        *("gaps", "All gaps by percentile"),
        "How long the rarest gaps are: each step to the right is ten times rarer. Corrected for coordinated omission: a"
        " stall counts for every frame that it held back.",
        charts.distribution(result),
    )
    yield section(tables.durations(result), words=False)
    yield from chart(
        *("players", "Player by player"),
        f"First frame and gap p99 of each of {len(result.players):,} players, in the order in which they came;"
        f" {charts.served(result.players):,} got a frame.",
        charts.players(result),
        tables.worst_players(result),
    )
    yield from chart(
        *("generator", "The generator itself"),
        "A late generator measures itself: what it found late while it lagged says nothing about the server.",
        charts.generator(result),
    )


def _asked(result: Result) -> Iterator[str]:
    table = tables.verdict(result)
    if table is not None:
        yield section(table)


def _tables(result: Result) -> Iterator[str]:
    for table in (tables.counts(result), tables.server(result), tables.conditions(result)):
        if table is not None:
            yield section(table)
