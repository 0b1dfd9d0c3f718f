"""A run as Markdown, for people and CI; pure."""

from collections.abc import Iterator, Sequence

from loadtest.bench.capacity_report import Report, Round, Server
from loadtest.bench.capacity_verdict import Judgement, Verdict, judgements
from loadtest.outcome import Outcome
from loadtest.report.markdown import table_lines, words
from loadtest.report.tables import NONE, Table

_SERVERS = (
    *("server", "players", "rounds", "at", "p50 ms", "p99 ms", "max ms", "core", "KiB/conn", "kB/s each"),
    *("tick late p99 ms", "generator late p99 ms"),
)
_TARGETS = ("what", "reached", "target", "verdict")
_STEPS = ("server", "round", "players", "gap p50 ms", "gap p99 ms", "core", "generator late p99 ms", "held")


def markdown(report: Report, verdict: Verdict | None = None, rounds: Sequence[Round] = ()) -> str:
    """Return the whole page; with `rounds` it lists every step."""
    tables = [Table("Servers", _SERVERS, [tuple(_server(server)) for server in report.servers.values()])]
    if report.calibration is not None:
        tables.append(Table("Targets", _TARGETS, [_target(one) for one in judgements(report)]))
    if rounds:
        tables.append(Table("Steps", _STEPS, [*_steps(rounds)]))
    lines = [
        f"# Capacity of one core{f': {verdict.outcome}' if verdict else ''}",
        "",
        *(f"- {words(reason)}" for reason in (verdict.reasons if verdict else [])),
        "",
        "Server on one core, load on another; every player sees every player, 20 frames and 20 inputs a second each.",
        "Capacity: most players at a gap p99 of at most 60 ms. Counts belong to this machine; compare ratios only.",
        "",
        *(f"- {words(name)}: {words(value)}" for name, value in report.machine.items()),
        f"- rounds: {report.rounds}; the figures of servers are medians",
        f"- calibration: {_calibration(report)}",
        "",
    ]
    return "\n".join([*lines, *(line for table in tables for line in (*table_lines(table), ""))])


def _server(server: Server) -> Iterator[str]:
    yield from (server.title, f"{server.capacity:,.0f}{'+' if server.doubts else ''}")
    yield " ".join(map(str, server.capacities))
    at = server.at
    if at is None:
        yield from [NONE] * (len(_SERVERS) - 3)
        return
    yield from (f"{at.players:,}", f"{at.gap_p50_ms:.1f}", f"{at.gap_p99_ms:.1f}", f"{at.gap_max_ms:.1f}")
    yield from (f"{at.server_cpu:.0%}", f"{at.kib_per_connection:.1f}", f"{at.bytes_per_player_second / 1000:.1f}")
    yield from (f"{at.tick_lateness_p99_ms:.1f}", f"{at.generator_lag_p99_ms:.1f}")


def _target(one: Judgement) -> tuple[str, ...]:
    target, value = one.target, one.value
    goal = "" if target.goal == target.bound else f" (goal {target.goal:g})"
    reached = NONE if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.2f}"  # noqa: PLR2004  # three digits
    at_goal = one.outcome is Outcome.PASS and value is not None and target.reaches(value, target.goal)
    outcome = "goal reached" if at_goal else str(one.outcome)
    return (target.title, reached, f"at {'most' if target.at_most else 'least'} {target.bound:g}{goal}", outcome)


def _steps(rounds: Sequence[Round]) -> Iterator[tuple[str, ...]]:
    for number, one in enumerate(rounds, 1):
        for found in one.values():
            for step in sorted(found.steps, key=lambda one: one.load.target):
                load = step.load
                yield (
                    *(found.contestant.title, str(number), f"{load.target:,}", f"{load.gap.p50_ms:.1f}"),
                    *(f"{load.gap.p99_ms:.1f}", f"{step.server_cpu:.0%}", f"{load.lag.p99_ms:.1f}"),
                    ", ".join(step.complaints) or "yes",
                )


def _calibration(report: Report) -> str:
    one = report.calibration
    if one is None:
        return "none, so the targets are not judged"
    return (
        f"the generator {'carried' if one.held else 'did NOT carry'} {one.wanted:,} players (1.3 times the best server)"
        f" of a C broadcaster: gap p99 {one.gap_p99_ms:.1f} ms, generator late by {one.generator_lag_p99_ms:.1f} ms,"
        f" {one.generator_cpu:.0%} of its core"
    )
