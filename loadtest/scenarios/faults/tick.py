"""Faults of the tick. Players keep their sockets and ships, and see one world only."""

from typing import Any, Final

from loadtest.judge.checks import equal
from loadtest.scenarios.rollout_checks import undisturbed
from loadtest.scenarios.stage import LocalStage, Scenario, Seen, Stage
from loadtest.sites.kubernetes.shared_release import SMALL_ARENAS, ReleaseLayout
from loadtest.sites.local import LocalLayout

ALONE_S: Final = 3.0  # longest freeze if the successor starts at once
ALONE_ON_CLUSTER_S: Final = 5.0  # there it starts in a new pod
SPARE_S: Final = 2.5  # if a spare waits
HANDED_OVER_S: Final = 1.0  # if the leader gives the lease back
STOPPED_S: Final = 10.0  # of a SIGSTOP

ALONE: Final = ReleaseLayout({**SMALL_ARENAS, "tick": {"spare": False}})
_TWO: Final = LocalLayout(ticks=2)


def kill_with_spare(stage: Stage[Any]) -> Seen:
    """The leading tick is killed (SIGKILL). A spare waits."""
    _kill_leader(stage)
    stage.wait_renewed()
    stage.site.settle()
    return _taken_over(stage, SPARE_S)


def kill_and_restart(stage: Stage[Any]) -> Seen:
    """The only tick is killed (SIGKILL). Another one starts at once."""
    _kill_leader(stage)
    stage.site.settle()
    stage.wait_renewed()
    return _taken_over(stage, ALONE_S, ALONE_ON_CLUSTER_S)


def terminate_with_spare(stage: Stage[Any]) -> Seen:
    """The leading tick gets SIGTERM. A spare waits."""
    leader = _led(stage)
    code = stage.site.terminate(leader)
    stage.log(f"{leader} ended with {code}")
    stage.wait_renewed()
    return _taken_over(stage, HANDED_OVER_S).and_also(equal("exit code", code, 0))


def stop_with_spare(stage: LocalStage) -> Seen:
    """The leading tick is stopped for 10 s (SIGSTOP) and continues. A spare waits."""
    leader = stage.site.role(_led(stage))
    leader.pause()
    stage.log(f"{leader.name} is stopped")
    stage.wait_renewed()
    stage.calm(STOPPED_S)
    leader.resume()
    stage.log(f"{leader.name} continues")
    return _taken_over(stage, SPARE_S)


def two_at_once(stage: Stage[Any]) -> Seen:
    """Both ticks are killed, then two start at the same time."""
    stage.begin()
    stage.site.stop("tick", forced=True)
    stage.site.start("tick")
    stage.log("two ticks have started")
    stage.wait_renewed()
    return _taken_over(stage, ALONE_S)


def _led(stage: Stage[Any]) -> str:
    """Begin, and return the leader."""
    stage.begin()
    leader: str = stage.site.leader()
    return leader


def _kill_leader(stage: Stage[Any]) -> None:
    leader = _led(stage)
    stage.site.kill(leader)
    stage.log(f"{leader} is killed")


def _taken_over(stage: Stage[Any], bound_s: float, on_cluster_s: float | None = None) -> Seen:
    seen, history = stage.seen()
    freeze = stage.timed("longest freeze", seen.freeze.max, bound_s, on_cluster_s=on_cluster_s)
    return Seen([*undisturbed(seen, history, epochs=1), freeze], seen)


ALL: Final = (
    Scenario("tick-kill-spare", kill_with_spare, _TWO, ReleaseLayout()),
    Scenario("tick-kill", kill_and_restart, LocalLayout(), ALONE),
    Scenario("tick-term", terminate_with_spare, _TWO),
    Scenario("tick-stop", stop_with_spare, _TWO),
    Scenario("tick-two", two_at_once, _TWO),
)
