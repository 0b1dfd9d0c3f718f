"""The report as Markdown, for people; pure."""

from collections.abc import Iterator

from loadtest.bench.capacity.figures import Report, Server
from loadtest.bench.capacity.verdict import Judgement, judgements

_COLUMNS = (
    *("server", "players", "rounds", "at", "p50 ms", "p99 ms", "max ms", "core", "KiB/conn", "kB/s each"),
    *("tick late p99 ms", "generator late p99 ms"),
)


def markdown(report: Report) -> str:
    """Return the whole report."""
    return "\n".join(
        [
            "# Capacity of one core",
            "",
            "Server on one core, load on another; everyone sees everyone, 20 frames and 20 inputs a second each.",
            "Capacity: most players at p99 gap <= 60 ms. The numbers are this machine's; the ratios are the contract.",
            "",
            *(f"- {name}: {value}" for name, value in report.machine.items()),
            f"- rounds: {report.rounds}; all figures are medians",
            "",
            *_table(_COLUMNS, (_row(server) for server in report.servers.values())),
            "",
            _calibration(report),
            "",
            *_table(("what", "reached", "target", "verdict"), (_verdict(one) for one in judgements(report))),
            "",
        ]
    )


def _row(server: Server) -> Iterator[str]:
    more = "+" if server.open_ended or server.generator_limited else ""
    yield from (server.title, f"{server.capacity:,.0f}{more}", " ".join(map(str, server.capacities)))
    at = server.at
    if at is None:
        yield from ["-"] * (len(_COLUMNS) - 3)
        return
    yield from (f"{at.players:,}", f"{at.gap_p50_ms:.1f}", f"{at.gap_p99_ms:.1f}", f"{at.gap_max_ms:.1f}")
    yield from (f"{at.server_cpu:.0%}", f"{at.kib_per_connection:.1f}", f"{at.bytes_per_player_second / 1000:.1f}")
    yield from (f"{at.tick_lateness_p99_ms:.1f}", f"{at.generator_lag_p99_ms:.1f}")


def _verdict(one: Judgement) -> Iterator[str]:
    sign = "<=" if one.target.at_most else ">="
    goal = "" if one.target.goal == one.target.bound else f" (goal {one.target.goal:g})"
    reached = "-" if one.value is None else f"{one.value:,.0f}" if one.value >= 100 else f"{one.value:.2f}"  # noqa: PLR2004  # three digits
    yield from (one.target.title, reached, f"{sign} {one.target.bound:g}{goal}", str(one.verdict))


def _calibration(report: Report) -> str:
    one = report.calibration
    if one is None:
        return "The generator was not calibrated: nothing here is conclusive."
    found = "carried" if one.held else "did NOT carry"
    return (
        f"Calibration: the generator {found} {one.wanted:,} players (1.3 times the best server) of a C broadcaster:"
        f" p99 gap {one.gap_p99_ms:.1f} ms, itself late by {one.generator_lag_p99_ms:.1f} ms,"
        f" {one.generator_cpu:.0%} of its core."
    )


def _table(columns: tuple[str, ...], rows: Iterator[Iterator[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
