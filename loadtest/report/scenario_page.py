"""The outcomes as a page for people; pure but for the machine and the date, which it says."""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from loadtest.judge.scenario_result import ScenarioResult
from loadtest.measure.observation import Observation

_COLUMNS = (
    *("what happens", "players", "longest freeze p50 / p99 / max", "sockets closed", "ships lost"),
    *("reconnects per player: mean / max", "verdict"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says before its table."""

    title: str
    maker: str  # the command
    about: Sequence[str]
    form: str  # in which it was played


def markdown(outcomes: Sequence[ScenarioResult], page: Page) -> str:
    """Return the whole page."""
    return "\n".join(
        [
            f"# {page.title}",
            "",
            f"<!-- Made by `{page.maker}`; do not edit. -->",
            "",
            *page.about,
            "",
            f"- {datetime.now(UTC):%Y-%m-%d}, {page.form}",
            f"- {_processor()}, {os.cpu_count()} cores for servers and players; Python {platform.python_version()}",
            "",
            *_table(_COLUMNS, (_row(outcome) for outcome in outcomes)),
            "",
            "## What was checked",
            "",
            *(line for outcome in outcomes for line in _checked(outcome)),
        ]
    )


def _row(outcome: ScenarioResult) -> Iterator[str]:
    yield outcome.title
    seen = outcome.observation
    if seen is None:
        yield from ["–"] * (len(_COLUMNS) - 2)
    else:
        yield str(seen.players)
        yield f"{seen.freeze.p50:.2f} / {seen.freeze.p99:.2f} / {seen.freeze.max:.2f} s"
        yield _closes(seen)
        yield str(seen.ships_lost)
        yield f"{seen.reconnects / max(1, seen.players):.2f} / {seen.reconnects_max}"
    yield str(outcome.verdict)


def _closes(seen: Observation) -> str:
    return ", ".join(f"{count} × {code}" for code, count in seen.closes.items()) or "none"


def _checked(outcome: ScenarioResult) -> Iterator[str]:
    yield f"### {outcome.title}"
    yield ""
    if outcome.observation is not None:
        yield f"`{outcome.name}`, {outcome.seconds:.0f} s; the crowd itself late by {_lateness(outcome.observation)}."
        yield ""
    yield from (f"- {check}" for check in outcome.checks)
    yield ""


def _lateness(seen: Observation) -> str:
    return f"{seen.lag_p99_ms:.0f} ms at p99"


def _table(columns: Sequence[str], rows: Iterator[Iterator[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
