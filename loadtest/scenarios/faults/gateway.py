"""Faults of gateways. Players reconnect once, to another gateway, and keep their ships."""

from collections.abc import Sequence
from typing import Any, Final

from loadtest.judge.checks import all_fly, equal, kept_in_place, only_codes
from loadtest.scenarios.rollout_checks import GONE, rolled, stayed_up
from loadtest.scenarios.stage import Scenario, Seen, Stage
from loadtest.sites.kubernetes.shared_release import ReleaseLayout
from loadtest.sites.local import LocalLayout
from loadtest.sites.site import LOCAL

ROLLING_FREEZE_S: Final = 1.0  # p99 of a drain or a rolling restart
ROLLING_PLAYERS: Final = 1000
STORM_FREEZE_S: Final = 2.0  # all reconnect at once
KILLED_FREEZE_S: Final = 2.5  # a second of jitter, the handshake, and the tick's answer about the ship

# As in production, but with a short wait: no balancer has to notice anything here.
_DRAIN: Final = LocalLayout(settings={"FLOTILLA_DRAIN_WAIT_SECONDS": "1", "FLOTILLA_DRAIN_WINDOW_SECONDS": "5"})


def kill(stage: Stage[Any]) -> Seen:
    """A gateway is killed (SIGKILL)."""
    stage.begin()
    gateway = stage.site.names("gateway")[0]
    stage.site.kill(gateway)
    stage.log(f"{gateway} is killed")
    stage.calm()
    stage.site.settle()
    stage.log("all gateways are ready again")
    seen, history = stage.seen()
    checks = [
        *all_fly(seen),
        *kept_in_place(seen),
        only_codes(seen, {GONE}),
        equal("most reconnects of a player", seen.reconnects_max, 1),
        *stayed_up(history),
        stage.timed("longest freeze", seen.freeze.max, KILLED_FREEZE_S),
    ]
    if stage.site.kind == LOCAL:  # nginx retries at another gateway; without it a player may reach the killed one
        checks.append(equal("refused handshakes", seen.refusals, {}))
    return Seen(checks, seen)


def drain(stage: Stage[Any]) -> Seen:
    """A gateway gets SIGTERM and drains."""
    stage.begin()
    gateway = stage.site.names("gateway")[0]
    code = stage.site.terminate(gateway)
    stage.log(f"{gateway} has ended")
    stage.site.settle()
    stage.log("all gateways are ready again")
    return _drained(stage, [code], ended=1)


def restart_all(stage: Stage[Any]) -> Seen:
    """Rolling restart of all gateways."""
    stage.begin()
    count = len(stage.site.names("gateway"))
    codes = stage.site.restart("gateway")
    stage.log("all gateways have restarted")
    return _drained(stage, codes, ended=count)


def storm(stage: Stage[Any]) -> Seen:
    """All players lose their sockets and reconnect at once."""
    stage.begin()
    stage.crowd.storm()
    stage.calm()
    seen, history = stage.seen()
    checks = [
        *all_fly(seen),
        *kept_in_place(seen),
        only_codes(seen, {GONE}),
        equal("refused handshakes", seen.refusals, {}),
        equal("reconnects", seen.reconnects, seen.players),
        equal("ended gateways", len(history.ended), 0),
        *stayed_up(history),
        stage.timed("longest freeze", seen.freeze.max, STORM_FREEZE_S),
    ]
    return Seen(checks, seen)


def _drained(stage: Stage[Any], codes: Sequence[int | None], *, ended: int) -> Seen:
    seen, history = stage.seen()
    checks = [
        *rolled(seen, history, ended=ended, compared=True),
        stage.timed("freeze p99", seen.freeze.p99, ROLLING_FREEZE_S),
    ]
    if stage.site.kind == LOCAL:  # a header of nginx names the gateway, and processes have exit codes
        checks.append(equal("players with two closes by the same gateway", seen.closed_twice_by, 0))
        checks.append(equal("exit codes", codes, [0] * ended))
    return Seen(checks, seen)


ALL: Final = (
    Scenario("gateway-kill", kill, LocalLayout(), ReleaseLayout()),
    Scenario("gateway-drain", drain, _DRAIN, ReleaseLayout()),
    Scenario("gateway-rolling", restart_all, _DRAIN, full_players=ROLLING_PLAYERS),
    Scenario("restart-gateway", restart_all, cluster=ReleaseLayout()),
    Scenario("gateway-storm", storm, LocalLayout(), ReleaseLayout()),
)
