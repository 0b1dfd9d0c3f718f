"""Faults of peers: clients that misbehave. Players do not notice them."""

import contextlib
import time
from typing import Final

from loadtest.judge.checks import at_most, equal
from loadtest.players.nonreaders import NonReaders
from loadtest.processes.machine import rss_kib
from loadtest.processes.process import SiteError, wait_until
from loadtest.scenarios.rollout_checks import undisturbed
from loadtest.scenarios.stage import LocalStage, Scenario, Seen
from loadtest.sites.local import LocalLayout

COUNT: Final = 100
GONE_S: Final = 5.0
MEMORY_KIB: Final = 10 * 1024
GAP_RATIO: Final = 1.2
COMPARED_S: Final = 60.0  # of each of the two minutes
COMPARED_QUICK_S: Final = 8.0
TOO_SLOW: Final = 'flotilla_closes_total{code="4002"}'


def non_readers(stage: LocalStage) -> Seen:
    """100 peers send and never read."""
    seconds = stage.pick(quick=COMPARED_QUICK_S, full=COMPARED_S)
    stage.begin()
    stage.calm(seconds)
    before = stage.crowd.report()
    memory = _memory_kib(stage)
    stage.crowd.mark()
    begun = time.monotonic()
    with NonReaders(stage.site.door(), COUNT):
        stage.log(f"{COUNT} non-readers connected in {time.monotonic() - begun:.2f} s")
        gone_s = _until_gone(stage)
        stage.log(f"all are gone after {gone_s:.2f} s")
        grown = _memory_kib(stage) - memory
        stage.calm(max(0.0, seconds - gone_s))
    seen, history = stage.seen()
    ratio, ratio_bound = seen.gap_p99_ms / before.gap_p99_ms, stage.pick(quick=10 * GAP_RATIO, full=GAP_RATIO)
    checks = [
        *undisturbed(seen, history),
        equal("closed as too slow", _closed(stage), COUNT),
        stage.timed("all gone", gone_s, GONE_S),
        at_most("growth of all gateways", grown / 1024, MEMORY_KIB / 1024, "MiB", timed=False),
        at_most("p99 gap between frames, with them / without", ratio, ratio_bound, "times"),
    ]
    return Seen(checks, seen)


def _until_gone(stage: LocalStage) -> float:
    begun = time.monotonic()
    with contextlib.suppress(SiteError):  # a check reports that some are left
        wait_until(lambda: _closed(stage) >= COUNT, stage.site.hang_s, lambda: "Non-readers are left.", 0.05)
    return time.monotonic() - begun


def _closed(stage: LocalStage) -> int:
    return int(sum(gateway.samples().get(TOO_SLOW, 0) for gateway in stage.site.gateways))


def _memory_kib(stage: LocalStage) -> int:
    return sum(rss_kib(gateway.pid) for gateway in stage.site.gateways)


ALL: Final = (Scenario("non-readers", non_readers, LocalLayout()),)
