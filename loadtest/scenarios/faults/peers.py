"""Faults of peers: clients that misbehave. Players do not notice them."""

import contextlib
import time
from typing import Final

from loadtest.judge.checks import at_most, equal
from loadtest.players.nonreaders import NonReaders
from loadtest.players.scrapers import Scrapers
from loadtest.processes.machine import rss_kib
from loadtest.processes.ports import HOST
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
SCRAPERS: Final = 50
ANSWERED_S: Final = 1.0
MORE_MS: Final = 3.0  # by which 50 scrapers may delay frames
QUICK_MORE_MS: Final = 30.0  # the same in the short form, whose p99 has few frames
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


def scrapers(stage: LocalStage) -> Seen:
    """50 clients ask the private port of a gateway for metrics and health, again and again."""
    seconds = stage.pick(quick=COMPARED_QUICK_S, full=COMPARED_S)
    stage.begin()
    stage.calm(seconds)
    before = stage.crowd.report()
    stage.crowd.mark()
    with Scrapers(f"{HOST}:{stage.site.gateways[0].private_port}", SCRAPERS) as asking:
        stage.calm(seconds)
    stage.log(f"{len(asking.answers)} answers")
    seen, history = stage.seen()
    slowest = max((took for path, _, took in asking.answers if path == "/livez"), default=0.0)
    more = seen.gap_p99_ms - before.gap_p99_ms
    checks = [
        *undisturbed(seen, history),
        equal("statuses of the answers", sorted({status for _, status, _ in asking.answers}), [200]),
        stage.timed("slowest answer of /livez", slowest, ANSWERED_S),
        at_most("growth of the p99 gap between frames", more, stage.pick(quick=QUICK_MORE_MS, full=MORE_MS), "ms"),
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


ALL: Final = (
    Scenario("non-readers", non_readers, LocalLayout()),
    Scenario("scrapers", scrapers, LocalLayout(), full_players=500),
)
