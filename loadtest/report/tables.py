"""The figures of a run as tables of text, for pages and Markdown; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from loadtest.judge.figures import FIGURES, amount
from loadtest.measure.latencies import LATE_MS, Spread
from loadtest.measure.result import Generator, Result

NONE: Final = "–"
STEPS_MAX: Final = 40  # rows of a readable table; a soak shows every second, third, … step and all late ones
PLAYERS_MAX: Final = 20  # players listed one by one
POINTS_MAX: Final = 12  # points of a profile


@dataclass(frozen=True, slots=True)
class Table:
    """Text in rows; the first cell names its row."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    left: bool = False  # aligned, instead of right

    @property
    def headed(self) -> bool:
        return any(self.columns)


def verdict(result: Result) -> Table | None:
    """Return the objectives and what was found; None without objectives."""
    found = result.verdict
    if found is None:
        return None
    marks = {None: NONE, True: "ok", False: "broken"}
    rows = [(marks[one.holds], one.objective, one.detail or _if(one.value, "{:.5g}")) for one in found.checks]
    return Table(f"Objectives of {found.slo}", ("", "objective", "found"), rows, left=True)


def durations(result: Result) -> Table:
    spreads: list[tuple[str, Spread | None]] = [
        ("gap between frames", result.gap),
        ("gap, not corrected for omission", result.gap_uncorrected),
        ("longest freeze of each player", result.freeze),
        ("handshake", result.handshake),
        ("first frame", result.first_frame),
        ("input to visible", result.input_to_visible),
        ("age of a frame", result.frame_age),
        ("server's tick", result.server.tick if result.server else None),
        ("lag of the generator", result.generator.lag),
        ("lateness of connections", result.generator.arrivals_late),
    ]
    columns = ("", "count", "p50", "p95", "p99", "max", "over 60 ms", "over 100 ms", "over 200 ms")
    return Table("Durations", columns, [(name, *_spread(spread)) for name, spread in spreads])


def steps(result: Result) -> Table | None:
    """Return the steps; None without steps."""
    if not result.steps:
        return None
    every = -(-len(result.steps) // STEPS_MAX)
    shown = [one for place, one in enumerate(result.steps) if not place % every or one.gap.p99_ms > LATE_MS[0]]
    rows = [
        (
            *(f"{step.players:,}", f"{step.from_s:.0f}–{step.to_s:.0f} s", *_spread(step.gap)[:5]),
            *(_ms(step.server_tick_p99_ms), _ms(step.lag_p99_ms)),
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
            *(f"{one.number:,}", f"{one.due_s:.1f} s", _ms(one.first_frame_ms)),
            *(_ms(value if one.gap.count else None) for value in (one.gap.p50_ms, one.gap.p99_ms)),
            *(_ms(one.freeze_ms), ", ".join(map(str, one.closes)) or "none"),
        )
        for one in sorted(result.players, key=lambda one: one.gap.p99_ms, reverse=True)[:PLAYERS_MAX]
    ]
    columns = ("player", "came at", "first frame", "gap p50", "gap p99", "longest freeze", "closed with")
    return Table(f"The {len(rows)} players with the longest gaps", columns, rows) if rows else None


def counts(result: Result) -> Table:
    kinds = f" ({_codes(result.errors)})" if any(result.errors.values()) else ""
    return _pairs(
        "Counts",
        {
            "players in the schedule": f"{result.joins:,}",
            "of these failed": f"{result.joins_failed:,}{kinds}",
            "handshakes refused, by status": _codes(result.refusals),
            "sockets closed, by code": _codes(result.closes),
            "reconnects": f"{result.reconnects:,}, of one player at most {result.reconnects_max:,}",
            "frames that could not be decoded": f"{result.decode_errors:,}",
            "received": _megabytes(result.bytes_received),
            "sent": _megabytes(result.bytes_sent),
        },
    )


def server(result: Result) -> Table | None:
    """Return the server's own metrics; None if they were not scraped."""
    own = result.server
    if own is None:
        return None
    slope = FIGURES["memory_slope_per_hour"].of(result)
    memory = (own.memory_begin_bytes, own.memory_end_bytes)
    return _pairs(
        "The server's metrics",
        {
            "ticks over their budget": _if(own.tick_overruns, "{:,}"),
            "ticks skipped": _if(own.ticks_slipped, "{:,}"),
            "memory, begin and end": ", ".join(_if(value, _megabytes) for value in memory),
            "growth in an hour": _if(slope, lambda value: amount(value, "%")),
            "cores used": _if(own.cpu, "{:.2f}"),
            "closes, by code": _codes(own.closes),
            "refusals, by reason": _codes(own.refusals),
            "scrapes, and failed ones": f"{own.scrapes:,}, {own.scrapes_failed:,}",
        },
    )


def conditions(result: Result) -> Table:
    """Return how the run was made, so that it can be repeated."""
    plan, own = result.plan, result.generator
    points = ", ".join(f"{players:,} at {second:g} s" for second, players in plan.points[:POINTS_MAX])
    return _pairs(
        "Conditions",
        {
            "started": result.started_at,
            "took": f"{result.seconds:.0f} s{', interrupted' if result.interrupted else ''}",
            "scenario": plan.scenario,
            "target": plan.url,
            "protocol": plan.protocol,
            "inputs": plan.inputs,
            "players wanted": points + (" …" if len(plan.points) > POINTS_MAX else ""),
            "seed": str(plan.seed),
            "generator": f"{plan.generator}{_cores(own)}",
            "arrivals that it dropped": f"{own.arrivals_dropped:,}",
            "cores that other programs used": _if(own.foreign_cpu, "{:.2f}"),
            "version": result.version,
            **result.machine,
        },
    )


def _pairs(title: str, pairs: Mapping[str, str]) -> Table:
    return Table(title, ("", ""), list(pairs.items()), left=True)


def _cores(own: Generator) -> str:
    if own.cpu is None or own.cpu_max is None:
        return ", CPU time not known"
    return f", {own.cpu:.2f} cores in {own.processes}, at most {own.cpu_max:.0%} of one"


def _spread(spread: Spread | None) -> list[str]:
    if spread is None or not spread.count:
        return ["0" if spread else NONE, *[NONE] * 7]
    times = map(_ms, (spread.p50_ms, spread.p95_ms, spread.p99_ms, spread.max_ms))
    shares = (amount(share, "%") for share in (spread.over_60_ms, spread.over_100_ms, spread.over_200_ms))
    return [f"{spread.count:,}", *times, *shares]


def _ms(value: float | None) -> str:
    return _if(value, lambda value: amount(value, "ms"))


def _if(value: Any, form: str | Callable[[Any], str]) -> str:
    if value is None:
        return NONE
    return form.format(value) if isinstance(form, str) else form(value)


def _codes(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} × {code}" for code, count in sorted(counts.items()) if count) or "none"


def _megabytes(value: int) -> str:
    return f"{value / 1e6:,.1f} MB"
