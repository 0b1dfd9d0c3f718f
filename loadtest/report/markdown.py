"""A run as Markdown, short enough for the summary of a CI job; pure. All text is escaped."""

import re
from collections.abc import Iterator
from typing import Final

from loadtest.measure.result import Result
from loadtest.report import tables
from loadtest.report.headline import DOUBT, circumstances, headline
from loadtest.report.tables import Table

BADGES: Final = {"pass": "✅ pass", "fail": "❌ fail", "inconclusive": "❔ inconclusive"}
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|#~&])")


def markdown(result: Result) -> str:
    verdict = result.verdict
    badge = "" if verdict is None else f"{BADGES.get(verdict.outcome, words(verdict.outcome))}: "
    lines = [f"## {badge}{words(headline(result).removeprefix(DOUBT))}", "", words(circumstances(result)), ""]
    if verdict is not None:
        lines += [*(f"- {words(reason)}" for reason in verdict.reasons), ""]
    for table in (tables.verdict(result), tables.durations(result), tables.steps(result)):
        if table is not None:
            lines += [*table_lines(table), ""]
    return "\n".join(lines)


def table_lines(table: Table) -> Iterator[str]:
    """Yield the lines of a table under its title."""
    yield f"**{words(table.title)}**"
    yield ""
    yield f"| {' | '.join(map(words, table.columns))} |"
    yield "|---" * len(table.columns) + "|"
    for row in table.rows:
        yield f"| {' | '.join(map(words, row))} |"


def words(text: str) -> str:
    """Return `text` on one line, without a meaning as markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
