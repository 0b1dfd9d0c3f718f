"""What happens to the tick. Players must keep their sockets and their ships, and see one world only."""

from typing import Final

from loadtest.judge.checks import Check, all_fly, equal, kept_in_place, no_socket_closed
from loadtest.measure.observation import Observation
from loadtest.scenarios.stage import Scenario, Seen, Stage
from loadtest.sites.local import Layout

ALONE_S: Final = 3.0  # longest freeze if the successor is started at once
SPARE_S: Final = 2.5  # if it waits already
HANDED_OVER_S: Final = 1.0  # if the old one says goodbye
STOPPED_S: Final = 10.0  # of a SIGSTOP


def kill_with_spare(stage: Stage) -> Seen:
    """The tick killed (kill -9), a spare waits."""
    leader = stage.leader()
    stage.begin()
    leader.kill()
    stage.say(f"{leader.name} killed")
    return _taken_over(stage, SPARE_S)


def kill_and_restart(stage: Stage) -> Seen:
    """The tick killed (kill -9), another is started at once."""
    leader = stage.leader()
    stage.begin()
    leader.kill()
    leader.start_again()
    stage.say(f"{leader.name} killed and started again")
    return _taken_over(stage, ALONE_S)


def terminate_with_spare(stage: Stage) -> Seen:
    """SIGTERM the tick, a spare waits."""
    leader = stage.leader()
    stage.begin()
    leader.terminate()
    code = leader.process.wait()
    stage.say(f"{leader.name} ended with {code}")
    seen = _taken_over(stage, HANDED_OVER_S)
    return Seen(seen.observation, [*seen.checks, equal("exit code", code, 0)])


def stop_with_spare(stage: Stage) -> Seen:
    """SIGSTOP the tick for 10 s, a spare waits; then the old one goes on."""
    leader = stage.leader()
    stage.begin()
    leader.pause()
    stage.say(f"{leader.name} stopped")
    stage.wait_renewed()
    stage.calm(STOPPED_S)
    leader.resume()
    stage.say(f"{leader.name} goes on")
    return _taken_over(stage, SPARE_S)


def two_at_once(stage: Stage) -> Seen:
    """Both ticks gone, then two started at once."""
    stage.begin()
    for tick in stage.cluster.ticks:
        tick.kill()
    for tick in stage.cluster.ticks:
        tick.start_again()
    stage.say("two ticks started")
    return _taken_over(stage, ALONE_S)


def _taken_over(stage: Stage, bound_s: float) -> Seen:
    stage.wait_renewed()
    seen = stage.seen()
    return Seen(seen, [*_one_world(seen), stage.timed("longest freeze", seen.freeze.max, bound_s)])


def _one_world(seen: Observation) -> list[Check]:
    return [
        *all_fly(seen),
        *no_socket_closed(seen),
        *kept_in_place(seen),
        equal("new epochs that were seen", len(seen.epochs), 1),
    ]


ALL: Final = (
    Scenario("tick-kill-spare", kill_with_spare, Layout(ticks=2)),
    Scenario("tick-kill", kill_and_restart),
    Scenario("tick-term", terminate_with_spare, Layout(ticks=2)),
    Scenario("tick-stop", stop_with_spare, Layout(ticks=2)),
    Scenario("tick-two", two_at_once, Layout(ticks=2)),
)
