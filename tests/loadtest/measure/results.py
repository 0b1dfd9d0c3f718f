"""Invented results: of a server in time, of the textbook server's growing gaps, and of any other."""

import random
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import msgspec

from loadtest.measure.latencies import Latencies, Spread
from loadtest.measure.result import SCHEMA, Generator, Moment, Plan, Player, Result, Server, Step

TICK_S = 0.05
FRAMES_A_SECOND = 20
STEP_S = 10

Gap = Callable[[int, random.Random], float]  # seconds between two frames, at so many players


def in_time(players: int, chance: random.Random) -> float:
    """Gaps of a server in time: 50 ms with a little jitter, rarely more."""
    late = chance.expovariate(1 / 0.006) if chance.random() < 0.004 else 0.0
    return max(0.04, chance.gauss(TICK_S, 0.001)) + late


def textbook(players: int, chance: random.Random) -> float:
    """Gaps of the textbook server: in time up to two dozen players, then quadratic."""
    work = 0.05 + max(0, players - 24) ** 2 * 0.00022
    spike = chance.uniform(0.02, 0.12) if chance.random() < 0.001 else 0.0
    return max(0.02, work * chance.lognormvariate(0, 0.03 + max(0, players - 24) / 200)) + spike


def ramp(
    gap: Gap = in_time, *, players: int = 90, seed: int = 1, tick_ms: float | None = None, **changes: Any
) -> Result:
    """A ramp of one player a second, each with the gaps of `gap` at that size."""
    chance = random.Random(seed)
    whole, steps, series, step_gaps, late = Latencies(), [], [], Latencies(), tick_ms
    for second in range(1, players + 1):
        here = Latencies()
        here.add_all_paced([gap(second, chance) for _ in range(min(second, 8) * FRAMES_A_SECOND)], TICK_S)
        whole.merge(here)
        step_gaps.merge(here)
        moment = Moment(
            t_s=float(second),
            wanted=second,
            open=second,
            frames=second * FRAMES_A_SECOND,
            gap=here.spread(),
            lag_p99_ms=1.0 + chance.random(),
            cpu=0.02 + second * 0.003,
            server_tick_p99_ms=late and late * (1 + second / 400),
            server_connections=second if late else None,
        )
        series.append(moment)
        if second % STEP_S == 0:
            steps.append(
                Step(second - STEP_S, float(second), second, step_gaps.spread(), moment.server_tick_p99_ms, 2.0)
            )
            step_gaps = Latencies()
    arrivals = spread_of(chance.uniform(0.0004, 0.002) for _ in range(players))
    opened = spread_of(chance.uniform(0.003, 0.008) for _ in range(players))
    first = spread_of(gap(number, chance) + chance.uniform(0.0, 0.05) for number in range(1, players + 1))
    result = Result(
        schema=SCHEMA,
        version="0.1.0",
        started_at="2026-11-26T09:00:00Z",
        seconds=float(players),
        interrupted=False,
        plan=Plan(
            "ramp",
            "ws://127.0.0.1:8000/ws/game/",
            "json",
            "people",
            [(0.0, 0), (float(players), players)],
            0.0,
            1,
            seed,
        ),
        machine={"processor": "Some Processor", "cores": "2", "python": "3.11.7"},
        players=[player(number, gap, chance) for number in range(1, players + 1)],
        joins=players,
        joins_failed=0,
        handshake=opened,
        first_frame=first,
        gap=whole.spread(),
        gap_uncorrected=whole.spread(),
        freeze=spread_of(gap(players, chance) * 1.4 for _ in range(players)),
        input_to_visible=spread_of(0.03 + gap(players, chance) for _ in range(400)),
        frame_age=None,
        histograms={"gap": whole.encode()},
        bytes_received=sum(range(players)) * FRAMES_A_SECOND * 900,
        bytes_sent=sum(range(players)) * 60,
        closes={},
        refusals={},
        errors={},
        decode_errors=0,
        reconnects=0,
        reconnects_max=0,
        generator=Generator(1, spread_of(chance.uniform(0.0002, 0.003) for _ in range(900)), 0.12, 0.3, arrivals, 0),
        series=series,
        steps=steps,
        server=None if tick_ms is None else server(tick_ms),
    )
    return msgspec.structs.replace(result, **changes)


@cache
def good() -> Result:
    """A ramp to 90 that holds, with the server's own figures."""
    return ramp(tick_ms=4.0)


@cache
def bad() -> Result:
    """The same ramp against the textbook server: in time up to two dozen players."""
    return ramp(textbook)


def player(number: int, gap: Gap, chance: random.Random) -> Player:
    """One player, which connected in the second of its number."""
    gaps = Latencies()
    gaps.add_all_paced([gap(number, chance) for _ in range(60)], TICK_S)
    spread = gaps.spread()
    return Player(number, float(number), 5.0, 5.0 + spread.p50_ms, 60, spread, spread.max_ms, 54_000, 0, [])


def server(tick_ms: float) -> Server:
    """Figures of a server whose tick takes so long at p99."""
    tick = Spread(1800, tick_ms / 2, tick_ms * 0.8, tick_ms, tick_ms * 1.2)
    return Server(90, 0, tick, 0, 0, 80_000_000, 82_000_000, 0.004, 0.21)


def spread_of(durations_s: Iterable[float]) -> Spread:
    """The spread of these durations."""
    found = Latencies()
    found.add_all(list(durations_s))
    return found.spread()
