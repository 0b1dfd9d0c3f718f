"""A run as Markdown, short enough for the summary of a CI job; pure. What a result says stays words in a cell."""

import re
from collections.abc import Iterator
from typing import Final

from loadtest.report import tables
from loadtest.report.headline import circumstances, headline
from loadtest.report.tables import Table
from loadtest.result import Result

BADGES: Final = {"pass": "✅ pass", "fail": "❌ fail", "inconclusive": "❔ inconclusive"}
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|#~&])")


def markdown(result: Result) -> str:
    """Return the summary."""
    badge = "" if result.verdict is None else f"{BADGES.get(result.verdict.outcome, _cell(result.verdict.outcome))}: "
    lines = [f"## {badge}{_cell(headline(result))}", "", _cell(circumstances(result)), ""]
    if result.verdict is not None:
        lines += [*(f"- {_cell(reason)}" for reason in result.verdict.reasons), ""]
    for table in (tables.verdict(result), tables.durations(result), tables.steps(result)):
        if table is not None:
            lines += [*_table(table), ""]
    return "\n".join(lines)


def _table(table: Table) -> Iterator[str]:
    yield f"**{_cell(table.title)}**"
    yield ""
    yield f"| {' | '.join(map(_cell, table.columns))} |"
    yield "|---" * len(table.columns) + "|"
    for row in table.rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(words: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(words.split()))
