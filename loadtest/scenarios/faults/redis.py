"""What happens to Redis. No process may end, no socket close, and play goes on soon after it is back."""

import signal
from typing import Final

from loadtest.judge.checks import all_fly, kept_in_place, no_socket_closed
from loadtest.scenarios.stage import Scenario, Seen, Stage
from loadtest.sites.local import Layout

SHORT_S: Final = 5.0
LONG_S: Final = 30.0
LONG_QUICK_S: Final = 8.0  # longer than any timeout of ours
BACK_S: Final = 2.0  # from the return of Redis to the next frame
NOTICED_S: Final = 3.0  # for subscribers that were cut off: they are members again


def killed(stage: Stage) -> Seen:
    """Redis killed for 5 s, and back empty."""
    return _away(stage, SHORT_S)


def killed_long(stage: Stage) -> Seen:
    """Redis killed for 30 s, and back empty."""
    return _away(stage, stage.pick(quick=LONG_QUICK_S, full=LONG_S))


def killed_with_data(stage: Stage) -> Seen:
    """Redis killed for 5 s, and back with its data."""
    return _away(stage, SHORT_S)


def stopped(stage: Stage) -> Seen:
    """Redis stopped for 5 s (SIGSTOP)."""
    before = stage.processes()
    stage.begin()
    stage.cluster.redis.process.signal(signal.SIGSTOP)
    stage.say("Redis stopped")
    stage.calm(SHORT_S)
    stage.cluster.redis.process.signal(signal.SIGCONT)
    return _back(stage, before)


def paused(stage: Stage) -> Seen:
    """Redis answers nobody for 5 s (CLIENT PAUSE)."""
    before = stage.processes()
    stage.begin()
    stage.cluster.redis.pause(SHORT_S)
    stage.say("Redis paused")
    stage.calm(SHORT_S)
    return _back(stage, before)


def dropped(stage: Stage) -> Seen:
    """CLIENT KILL of every pub/sub connection."""
    before = stage.processes()
    stage.begin()
    count = stage.cluster.redis.drop_subscribers()
    stage.say(f"{count} subscribers cut off")
    stage.calm()
    seen = stage.seen()
    checks = [
        *all_fly(seen),
        *no_socket_closed(seen),
        *kept_in_place(seen, compared=False),
        stage.same_processes(before),
        stage.timed("longest freeze", seen.freeze.max, NOTICED_S),
    ]
    return Seen(seen, checks)


def _away(stage: Stage, seconds: float) -> Seen:
    before = stage.processes()
    stage.begin()
    stage.cluster.redis.process.kill()
    stage.say("Redis killed")
    stage.calm(seconds)
    stage.cluster.redis.start_again()
    return _back(stage, before)


def _back(stage: Stage, before: dict[str, int]) -> Seen:
    stage.crowd.note()
    stage.say("Redis is back")
    stage.wait_resumed()
    seen = stage.seen()
    checks = [
        *all_fly(seen),
        *no_socket_closed(seen),
        *kept_in_place(seen),
        stage.same_processes(before),
        stage.timed("play again after the return, last player", seen.resumed.max, BACK_S),
    ]
    return Seen(seen, checks)


ALL: Final = (
    Scenario("redis-kill", killed),
    Scenario("redis-kill-long", killed_long),
    Scenario("redis-kill-data", killed_with_data, Layout(redis_keeps=True)),
    Scenario("redis-stop", stopped),
    Scenario("redis-pause", paused),
    Scenario("redis-drop", dropped),
)
