"""A local night as Markdown, for CI and for people; pure."""

from collections.abc import Iterator, Mapping, Sequence

from loadtest.bench.capacity.figures import Round
from loadtest.bench.capacity.measure import Result
from loadtest.bench.nightly.verdict import Night

_COLUMNS = ("round", "server", "players", "gap p50 ms", "gap p99 ms", "core", "generator late p99 ms", "held")


def markdown(night: Night, rounds: Sequence[Round], about: Mapping[str, str]) -> str:
    """Return the whole page."""
    lines = [
        f"# Nightly capacity: {night.outcome}",
        "",
        *(f"- {reason}" for reason in night.reasons),
        "",
        "A core for each server, one for the generator; everyone sees everyone, 20 frames and 20 inputs a second each.",
        "Only the ratio to the textbook server decides: the numbers beside it are this machine's.",
        "",
        *(f"- {name}: {value}" for name, value in about.items()),
        "",
        f"| {' | '.join(_COLUMNS)} |",
        "|---" * len(_COLUMNS) + "|",
        *(row for number, one in enumerate(rounds, 1) for result in one.values() for row in _rows(number, result)),
        "",
    ]
    return "\n".join(lines)


def _rows(number: int, result: Result) -> Iterator[str]:
    for step in sorted(result.steps, key=lambda one: one.load.target):
        load = step.load
        cells = (
            *(str(number), result.contestant.title, f"{load.target:,}", f"{load.gap.p50_ms:.1f}"),
            *(f"{load.gap.p99_ms:.1f}", f"{step.server_cpu:.0%}", f"{load.lag.p99_ms:.1f}"),
            ", ".join(step.complaints) or "yes",
        )
        yield f"| {' | '.join(cells)} |"
