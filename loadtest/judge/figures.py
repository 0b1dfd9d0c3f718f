"""The figures that an objective may bound: title, unit, place in a result, and what can cause a bad value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from loadtest.measure.latencies import Spread
from loadtest.measure.result import Moment, Result, Step

SLOPE_MIN_S: Final = 600.0  # in a shorter run, one page of memory more is a large slope per hour


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; None where it was not measured."""

    title: str  # the beginning of "… at most 60 ms"
    unit: str  # ms, "" for counts, % for shares of 1
    of: Callable[[Result], float | None]
    timed: bool = False  # a late generator can make it worse, so that it then proves nothing
    of_step: Callable[[Step], float | None] | None = None
    of_ticks: bool = False  # a p99 of gaps, which a few late ticks can break by chance: see ticks.py
    starvable: bool = False  # no generator can make it worse, but other programs on the server's machine can
    event: Callable[[Moment], int] | None = None  # its events in one second, to find the first


def _p99(spread: Spread | None) -> float | None:
    return spread.p99_ms if spread and spread.count else None


def _over_200(gap: Spread) -> float | None:
    return gap.over_200_ms if gap.count else None


def _memory_slope(result: Result) -> float | None:
    long_enough = result.seconds >= SLOPE_MIN_S
    return result.server.memory_slope_per_hour if result.server and long_enough else None


FIGURES: Final[Mapping[str, Figure]] = {
    "server_tick_p99_ms": Figure(
        *("server tick p99", "ms", lambda result: _p99(result.server.tick if result.server else None)),
        of_step=lambda step: step.server_tick_p99_ms,
        starvable=True,
    ),
    "server_ticks_slipped": Figure(
        *("ticks that the server skipped", "", lambda result: result.server.ticks_slipped if result.server else None),
        starvable=True,
    ),
    "gap_p99_ms": Figure(
        *("gap p99", "ms", lambda result: _p99(result.gap)),
        timed=True,
        of_step=lambda step: _p99(step.gap),
        of_ticks=True,
    ),
    "gap_over_200_ms": Figure(
        *("share of gaps over 200 ms", "%", lambda result: _over_200(result.gap)),
        timed=True,
        of_step=lambda step: _over_200(step.gap),
    ),
    "first_frame_p99_ms": Figure("first frame p99", "ms", lambda result: _p99(result.first_frame), timed=True),
    "input_to_visible_p99_ms": Figure(
        "input to visible p99", "ms", lambda result: _p99(result.input_to_visible), timed=True
    ),
    "freeze_p99_ms": Figure("longest freeze of a player, p99", "ms", lambda result: _p99(result.freeze), timed=True),
    "decode_errors": Figure("frames that could not be decoded", "", lambda result: result.decode_errors),
    "reconnects_max": Figure(
        *("reconnects of one player", "", lambda result: result.reconnects_max),
        event=lambda moment: moment.reconnects,
    ),
    "memory_slope_per_hour": Figure("growth of the server's memory in an hour", "%", _memory_slope),
}


def amount(value: float, unit: str) -> str:
    """Return `value` with its unit: 72.1 ms, 1.25 s, 0.4 %, 3."""
    if unit == "%":
        return f"{value * 100:.3g} %"
    if unit == "ms":
        return f"{_short(value / 1000)} s" if value >= 1000 else f"{_short(value)} ms"  # noqa: PLR2004  # ms in a second
    return f"{value:,.0f}"


def _short(value: float) -> str:
    return f"{value:.{1 if value >= 100 else 2}f}".rstrip("0").rstrip(".")  # noqa: PLR2004  # four digits
