"""What peers do that mean no good, or know no better: others must not feel it."""

import time
from typing import Final

from loadtest.judge.checks import Check, all_fly, at_most, equal, no_socket_closed
from loadtest.players.door import Door
from loadtest.players.nonreaders import NonReaders
from loadtest.processes.machine import rss_kib
from loadtest.scenarios.stage import HANG_S, Scenario, Seen, Stage

COUNT: Final = 100
GONE_S: Final = 5.0
MEMORY_KIB: Final = 10 * 1024
GAP_RATIO: Final = 1.2
COMPARED_S: Final = 60.0  # of each of the two minutes
COMPARED_QUICK_S: Final = 8.0
TOO_SLOW: Final = 'flotilla_closes_total{code="4002"}'


def non_readers(stage: Stage) -> Seen:
    """100 peers that talk and never read."""
    seconds = stage.pick(quick=COMPARED_QUICK_S, full=COMPARED_S)
    stage.begin()
    stage.calm(seconds)
    before = stage.crowd.report()
    memory = _memory_kib(stage)
    stage.crowd.mark()
    begun = time.monotonic()
    with NonReaders(Door([stage.cluster.socket_url]), COUNT):
        stage.say(f"{COUNT} non-readers connected in {time.monotonic() - begun:.2f} s")
        gone_s = _until_gone(stage)
        stage.say(f"all gone after {gone_s:.2f} s")
        grown = _memory_kib(stage) - memory
        stage.calm(max(0.0, seconds - gone_s))
    seen = stage.seen()
    checks = [
        *all_fly(seen),
        *no_socket_closed(seen),
        equal("closed as too slow", _closed(stage), COUNT),
        stage.timed("all gone", gone_s, GONE_S),
        at_most("memory of all gateways", grown / 1024, MEMORY_KIB / 1024, "MiB", timed=False),
        _compared(stage, before.gap_p99_ms, seen.gap_p99_ms),
    ]
    return Seen(seen, checks)


def _until_gone(stage: Stage) -> float:
    begun = time.monotonic()
    while _closed(stage) < COUNT and time.monotonic() - begun < HANG_S:
        time.sleep(0.05)
    return time.monotonic() - begun


def _closed(stage: Stage) -> int:
    return int(sum(gateway.samples().get(TOO_SLOW, 0) for gateway in stage.cluster.gateways))


def _memory_kib(stage: Stage) -> int:
    return sum(rss_kib(gateway.pid) for gateway in stage.cluster.gateways)


def _compared(stage: Stage, before_ms: float, with_ms: float) -> Check:
    bound = GAP_RATIO if stage.full else 10 * GAP_RATIO
    return at_most("p99 gap between frames, with them / without", with_ms / before_ms, bound, "times")


ALL: Final = (Scenario("non-readers", non_readers),)
