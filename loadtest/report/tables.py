"""The figures of a run as tables of words, which a page and a Markdown summary share; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.judge.figures import FIGURES, amount
from loadtest.measure.latencies import LATE_MS, Spread
from loadtest.measure.result import Check, Generator, Result

NONE: Final = "–"
STEPS_MAX: Final = 40  # rows that a person reads; a soak shows every second, third, … step and all that were late
PLAYERS_MAX: Final = 20  # who are looked at one by one


@dataclass(frozen=True, slots=True)
class Table:
    """Words in rows; the first column names its row."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def verdict(result: Result) -> Table | None:
    """Return what was asked and what was found; None where nothing was."""
    found = result.verdict
    if found is None:
        return None
    rows = [(_holds(check), check.objective, check.detail or _value(check)) for check in found.checks]
    return Table(f"Objectives of {found.slo}", ("", "objective", "found"), rows)


def durations(result: Result) -> Table:
    """Return all that was timed."""
    kinds: list[tuple[str, Spread | None]] = [
        ("gap between frames", result.gap),
        ("gap, not corrected for omission", result.gap_uncorrected),
        ("longest freeze of each player", result.freeze),
        ("handshake", result.handshake),
        ("first frame", result.first_frame),
        ("input to visible", result.input_to_visible),
        ("age of a frame", result.frame_age),
        ("server's tick", result.server.tick if result.server else None),
        ("lag of the generator", result.generator.lag),
        ("lateness of connections begun", result.generator.arrivals_late),
    ]
    columns = ("", "count", "p50", "p95", "p99", "max", "over 60 ms", "over 100 ms", "over 200 ms")
    return Table("Durations", columns, [(name, *_spread(spread)) for name, spread in kinds])


def steps(result: Result) -> Table | None:
    """Return the steps; None where there are none."""
    if not result.steps:
        return None
    every = -(-len(result.steps) // STEPS_MAX)
    shown = [one for place, one in enumerate(result.steps) if not place % every or one.gap.p99_ms > LATE_MS[0]]
    rows = [
        (
            f"{step.players:,}",
            f"{step.from_s:.0f}–{step.to_s:.0f} s",
            f"{step.gap.count:,}",
            *(_ms(value, step.gap.count) for value in (step.gap.p50_ms, step.gap.p95_ms, step.gap.p99_ms)),
            _ms(step.gap.max_ms, step.gap.count),
            NONE if step.server_tick_p99_ms is None else amount(step.server_tick_p99_ms, "ms"),
            amount(step.lag_p99_ms, "ms"),
        )
        for step in shown
    ]
    columns = ("players", "time", "gaps", "p50", "p95", "p99", "max", "server tick p99", "generator lag p99")
    title = "Steps" if every == 1 else f"Steps, one of each {every} and all over {LATE_MS[0]:g} ms"
    return Table(title, columns, rows)


def worst_players(result: Result) -> Table | None:
    """Return the players with the longest gaps; None without players."""
    rows = [
        (
            f"{one.number:,}",
            f"{one.due_s:.1f} s",
            NONE if one.first_frame_ms is None else amount(one.first_frame_ms, "ms"),
            _ms(one.gap.p50_ms, one.gap.count),
            _ms(one.gap.p99_ms, one.gap.count),
            amount(one.freeze_ms, "ms"),
            ", ".join(map(str, one.closes)) or "none",
        )
        for one in sorted(result.players, key=lambda one: one.gap.p99_ms, reverse=True)[:PLAYERS_MAX]
    ]
    columns = ("player", "came at", "first frame", "gap p50", "gap p99", "longest freeze", "closed with")
    return Table(f"The {len(rows)} players with the longest gaps", columns, rows) if rows else None


def counts(result: Result) -> Table:
    """Return what was counted."""
    rows = [
        ("players who were to come", f"{result.joins:,}"),
        ("of these failed", f"{result.joins_failed:,}{_kinds(result.errors)}"),
        ("handshakes refused, by status", _codes(result.refusals)),
        ("sockets closed, by code", _codes(result.closes)),
        ("reconnects", f"{result.reconnects:,}, of one player at most {result.reconnects_max:,}"),
        ("frames that could not be decoded", f"{result.decode_errors:,}"),
        ("received", _bytes(result.bytes_received)),
        ("sent", _bytes(result.bytes_sent)),
    ]
    return Table("Counts", ("", ""), rows)


def server(result: Result) -> Table | None:
    """Return what the server said of itself; None where it was not asked."""
    own = result.server
    if own is None:
        return None
    slope = FIGURES["memory_slope_per_hour"].of(result)
    rows = [
        ("ticks over their budget", _optional(own.tick_overruns)),
        ("ticks given up", _optional(own.ticks_slipped)),
        (
            "memory, begin and end",
            f"{_optional_bytes(own.memory_begin_bytes)}, {_optional_bytes(own.memory_end_bytes)}",
        ),
        ("growth in an hour", NONE if slope is None else amount(slope, "%")),
        ("cores used", NONE if own.cpu is None else f"{own.cpu:.2f}"),
        ("closes, by code", _codes(own.closes)),
        ("refusals, by reason", _codes(own.refusals)),
        ("answers, and none", f"{own.scrapes:,}, {own.scrapes_failed:,}"),
    ]
    return Table("The server's own word", ("", ""), rows)


def conditions(result: Result) -> Table:
    """Return how it was measured, so that it can be done again."""
    plan, own = result.plan, result.generator
    points = ", ".join(f"{players:,} at {second:g} s" for second, players in plan.points[:12])
    rows = [
        ("started", result.started_at),
        ("took", f"{result.seconds:.0f} s{', interrupted' if result.interrupted else ''}"),
        ("scenario", plan.scenario),
        ("target", plan.url),
        ("protocol", plan.protocol),
        ("inputs", plan.inputs),
        ("players wanted", points + (" …" if len(plan.points) > 12 else "")),  # noqa: PLR2004  # as above
        ("seed", str(plan.seed)),
        ("generator", f"{plan.generator}{_cores(own)}"),
        ("arrivals that it dropped", f"{own.arrivals_dropped:,}"),
        ("cores that other programs used", NONE if own.foreign_cpu is None else f"{own.foreign_cpu:.2f}"),
        ("version", result.version),
        *result.machine.items(),
    ]
    return Table("Conditions", ("", ""), rows)


def _cores(own: Generator) -> str:
    if own.cpu is None or own.cpu_max is None:
        return ", which does not tell how busy it was"
    return f", {own.cpu:.2f} cores in {own.processes}, at most {own.cpu_max:.0%} of one"


def _holds(check: Check) -> str:
    return NONE if check.holds is None else "ok" if check.holds else "broken"


def _value(check: Check) -> str:
    return NONE if check.value is None else f"{check.value:.5g}"


def _spread(spread: Spread | None) -> Iterator[str]:
    if spread is None or not spread.count:
        yield from ["0" if spread else NONE, *[NONE] * 7]
        return
    yield f"{spread.count:,}"
    yield from (amount(value, "ms") for value in (spread.p50_ms, spread.p95_ms, spread.p99_ms, spread.max_ms))
    yield from (amount(share, "%") for share in (spread.over_60_ms, spread.over_100_ms, spread.over_200_ms))


def _ms(value: float, count: int) -> str:
    return amount(value, "ms") if count else NONE


def _codes(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} × {code}" for code, count in sorted(counts.items()) if count) or "none"


def _kinds(counts: dict[str, int]) -> str:
    return f" ({_codes(counts)})" if any(counts.values()) else ""


def _optional(value: int | None) -> str:
    return NONE if value is None else f"{value:,}"


def _optional_bytes(value: int | None) -> str:
    return NONE if value is None else _bytes(value)


def _bytes(value: int) -> str:
    return f"{value / 1e6:,.1f} MB"
