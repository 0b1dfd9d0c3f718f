"""Faults of Redis. No process ends, no socket closes, and play continues soon after Redis is back."""

from collections.abc import Callable
from typing import Any, Final

from loadtest.scenarios.rollout_checks import undisturbed
from loadtest.scenarios.stage import LocalStage, Scenario, Seen, Stage
from loadtest.sites.kubernetes.shared_release import ReleaseLayout
from loadtest.sites.local import LocalLayout

SHORT_S: Final = 5.0
LONG_S: Final = 30.0
LONG_QUICK_S: Final = 8.0  # longer than every timeout of Flotilla
BACK_S: Final = 2.0  # from the return of Redis to the next frame
NOTICED_S: Final = 3.0  # until subscribers whose connection was closed subscribe again


def kill(stage: Stage[Any]) -> Seen:
    """Redis is killed for 5 s and comes back empty."""
    return _killed(stage, SHORT_S)


def kill_long(stage: Stage[Any]) -> Seen:
    """Redis is killed for 30 s and comes back empty."""
    return _killed(stage, stage.pick(quick=LONG_QUICK_S, full=LONG_S))


def kill_with_data(stage: Stage[Any]) -> Seen:
    """Redis is killed for 5 s and comes back with its data."""
    return _killed(stage, SHORT_S)


def stop(stage: LocalStage) -> Seen:
    """Redis is stopped for 5 s (SIGSTOP)."""
    return _away(stage, SHORT_S, stage.site.redis.pause, stage.site.redis.resume)


def pause(stage: LocalStage) -> Seen:
    """Redis answers no client for 5 s (CLIENT PAUSE)."""
    return _away(stage, SHORT_S, lambda: stage.site.redis.pause_clients(SHORT_S), lambda: None)


def drop_subscribers(stage: LocalStage) -> Seen:
    """Redis closes every pub/sub connection (CLIENT KILL)."""
    stage.begin()
    stage.log(f"{stage.site.redis.drop_subscribers()} connections are closed")
    stage.calm()
    seen, history = stage.seen()
    checks = [*undisturbed(seen, history), stage.timed("longest freeze", seen.freeze.max, NOTICED_S)]
    return Seen(checks, seen)


def _killed(stage: Stage[Any], seconds: float) -> Seen:
    return _away(stage, seconds, lambda: stage.site.stop("redis", forced=True), lambda: stage.site.start("redis"))


def _away(stage: Stage[Any], seconds: float, end: Callable[[], None], start: Callable[[], None]) -> Seen:
    stage.begin()
    end()
    stage.log("Redis is away")
    stage.calm(seconds)
    start()
    stage.crowd.note()
    stage.log("Redis is back")
    stage.wait_resumed()
    seen, history = stage.seen()
    resumed = stage.timed("from the return of Redis to the next frame, last player", seen.resumed.max, BACK_S)
    return Seen([*undisturbed(seen, history, compared=True), resumed], seen)


ALL: Final = (
    Scenario("redis-kill", kill, LocalLayout(), ReleaseLayout()),
    Scenario("redis-kill-long", kill_long, LocalLayout()),
    Scenario("redis-kill-data", kill_with_data, LocalLayout(redis_keeps=True)),
    Scenario("redis-stop", stop, LocalLayout()),
    Scenario("redis-pause", pause, LocalLayout()),
    Scenario("redis-drop", drop_subscribers, LocalLayout()),
)
