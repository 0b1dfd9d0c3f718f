"""The results of scenarios as a page of Markdown: docs/faults.md and docs/cluster.md. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from loadtest.judge.scenario_result import ScenarioResult
from loadtest.measure.observation import Observation

WIDTH: Final = 120  # columns, as in every document

_COLUMNS: Final = (
    *("scenario", "players", "longest freeze p50 / p99 / max", "closed sockets", "lost ships"),
    *("reconnects per player: mean / max", "outcome"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """The head of a page."""

    title: str
    command: str
    about: Sequence[str]


LOCAL_PAGE: Final = Page(
    "What players see when something fails",
    "python -m loadtest.scenarios --full --report docs/faults.md",
    (
        "Real processes run behind a real nginx and Redis. Players steer as people do, in arenas of 200.",
        "A freeze is the longest time between two frames of one player, across all its sockets.",
    ),
)
CLUSTER_PAGE: Final = Page(
    "What players see on a real cluster",
    "python -m loadtest.scenarios --site cluster --report docs/cluster.md",
    (
        "The chart runs on a real Kubernetes. Players connect from outside, through a port of the node, or through an",
        "Ingress where the title has one. The first four scenarios install the chart without values. All others have",
        "the short windows of `helm/flotilla/ci/test-values.yaml` and arenas of 20. A freeze is the longest time",
        "between two frames of one player, across all its sockets.",
        "",
        "A real nginx serves the Ingresses. It has the habits of the controller in the title (which Services get",
        "WebSockets, timeouts, reloads), but it is not that controller. The preset `none` is for a controller that",
        "needs no annotation, and such a controller serves it.",
    ),
)


def markdown(results: Sequence[ScenarioResult], page: Page, circumstances: Sequence[str]) -> str:
    """Return the whole page. `circumstances` are the date, the form, the machine and the versions."""
    return "\n".join(
        [
            f"# {page.title}",
            "",
            f"<!-- Made by `{page.command}`; do not edit. -->",
            "",
            *page.about,
            "",
            *(f"- {each}" for each in circumstances),
            "",
            f"| {' | '.join(_COLUMNS)} |",
            "|---" * len(_COLUMNS) + "|",
            *(f"| {' | '.join(_row(result))} |" for result in results),
            "",
            "## Checks",
            "",
            *(line for result in results for line in _checks(result)),
        ]
    )


def _row(result: ScenarioResult) -> Iterator[str]:
    yield result.title
    seen = result.observation
    if seen is None:
        yield from ["–"] * (len(_COLUMNS) - 2)
    else:
        yield str(seen.players)
        yield f"{seen.freeze.p50:.2f} / {seen.freeze.p99:.2f} / {seen.freeze.max:.2f} s"
        yield _closes(seen)
        yield str(seen.ships_lost)
        yield f"{seen.reconnects / max(1, seen.players):.2f} / {seen.reconnects_max}"
    yield result.outcome


def _closes(seen: Observation) -> str:
    return ", ".join(f"{count} × {code}" for code, count in seen.closes.items()) or "none"


def _checks(result: ScenarioResult) -> Iterator[str]:
    yield f"### {result.title}"
    yield ""
    if result.observation is not None:
        late_ms = result.observation.lag_p99_ms
        yield f"`{result.name}`, {result.seconds:.0f} s; the crowd itself was late by {late_ms:.0f} ms at p99."
        yield ""
    for check in result.checks:
        yield from wrap(f"- {check}", WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    yield ""
