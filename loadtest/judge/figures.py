"""The figures that an objective may bound: what each is called, where a result keeps it, and whose fault it can be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from loadtest.measure.result import Moment, Result, Step

SLOPE_MIN_S: Final = 600.0  # below ten minutes a slope per hour is six times the noise of one page more or less


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; None where it was not measured."""

    title: str  # begins the sentence "… at most 60 ms"
    unit: str  # ms, "" for counts, % for shares of 1
    of: Callable[[Result], float | None]
    timed: bool  # a late generator can make it worse, so that it then proves nothing
    of_step: Callable[[Step], float | None] | None = None
    of_ticks: bool = False  # a p99 of gaps, which a few late ticks can break by chance: see ticks.py
    starvable: bool = False  # no generator can make it worse, but other programs on the server's machine can
    event: Callable[[Moment], int] | None = None  # how many of its events a second saw, to say when they began


def _tick_p99(result: Result) -> float | None:
    tick = result.server.tick if result.server else None
    return tick.p99_ms if tick and tick.count else None


def _memory_slope(result: Result) -> float | None:
    long_enough = result.seconds >= SLOPE_MIN_S
    return result.server.memory_slope_per_hour if result.server and long_enough else None


def _slipped(result: Result) -> float | None:
    return result.server.ticks_slipped if result.server else None


FIGURES: Final[Mapping[str, Figure]] = {
    "server_tick_p99_ms": Figure(
        "server tick p99",
        "ms",
        _tick_p99,
        timed=False,
        of_step=lambda step: step.server_tick_p99_ms,
        starvable=True,
    ),
    "server_ticks_slipped": Figure("ticks that the server gave up", "", _slipped, timed=False, starvable=True),
    "gap_p99_ms": Figure(
        "gap p99",
        "ms",
        lambda result: result.gap.p99_ms if result.gap.count else None,
        timed=True,
        of_step=lambda step: step.gap.p99_ms if step.gap.count else None,
        of_ticks=True,
    ),
    "gap_over_200_ms": Figure(
        "share of gaps over 200 ms",
        "%",
        lambda result: result.gap.over_200_ms if result.gap.count else None,
        timed=True,
        of_step=lambda step: step.gap.over_200_ms if step.gap.count else None,
    ),
    "first_frame_p99_ms": Figure(
        "first frame p99",
        "ms",
        lambda result: result.first_frame.p99_ms if result.first_frame.count else None,
        timed=True,
    ),
    "input_to_visible_p99_ms": Figure(
        "input to visible p99",
        "ms",
        lambda result: (
            result.input_to_visible.p99_ms if result.input_to_visible and result.input_to_visible.count else None
        ),
        timed=True,
    ),
    "freeze_p99_ms": Figure(
        "longest freeze of a player, p99",
        "ms",
        lambda result: result.freeze.p99_ms if result.freeze.count else None,
        timed=True,
    ),
    "decode_errors": Figure("frames that could not be decoded", "", lambda result: result.decode_errors, timed=False),
    "reconnects_max": Figure(
        "reconnects of one player",
        "",
        lambda result: result.reconnects_max,
        timed=False,
        event=lambda moment: moment.reconnects,
    ),
    "memory_slope_per_hour": Figure("growth of the server's memory in an hour", "%", _memory_slope, timed=False),
}


def amount(value: float, unit: str) -> str:
    """Return `value` as a person reads it: 72.1 ms, 1.25 s, 0.4 %, 3."""
    if unit == "%":
        return f"{value * 100:.3g} %"
    if unit == "ms":
        return f"{_short(value / 1000)} s" if value >= 1000 else f"{_short(value)} ms"  # noqa: PLR2004  # ms in a second
    return f"{value:,.0f}"


def _short(value: float) -> str:
    return f"{value:.{1 if value >= 100 else 2}f}".rstrip("0").rstrip(".")  # noqa: PLR2004  # four digits are read
