"""What happens to gateways. Players must come back once, to their ships, by another gateway."""

from typing import Final

from loadtest.judge.checks import all_fly, equal, kept_in_place, only_codes
from loadtest.scenarios.stage import Scenario, Seen, Stage
from loadtest.sites.local import Layout

RESTART: Final = 1012
GONE: Final = 1006
ROLLING_FREEZE_S: Final = 1.0  # p99 of a rolling restart
ROLLING_PLAYERS: Final = 1000
STORM_FREEZE_S: Final = 2.0  # all come back at once
KILLED_FREEZE_S: Final = 2.5  # a second of jitter, the handshake, and the tick's word on the ship

# In the full form as in production but for the wait: no balancer has to hear of anything here.
_DRAIN: Final = {"FLOTILLA_DRAIN_WAIT_SECONDS": "1", "FLOTILLA_DRAIN_WINDOW_SECONDS": "5"}


def kill(stage: Stage) -> Seen:
    """A gateway killed (kill -9)."""
    gateway = stage.cluster.gateways[0]
    stage.begin()
    gateway.kill()
    stage.say(f"{gateway.name} killed")
    stage.calm()
    gateway.start_again()
    gateway.wait_until_ready()
    stage.say(f"{gateway.name} ready again")
    seen = stage.seen()
    checks = [
        *all_fly(seen),
        *kept_in_place(seen),
        only_codes(seen, {GONE}),
        equal("handshakes refused", seen.refusals, {}),
        equal("most reconnects of a player", seen.reconnects_max, 1),
        stage.timed("longest freeze", seen.freeze.max, KILLED_FREEZE_S),
    ]
    return Seen(seen, checks)


def drain(stage: Stage) -> Seen:
    """SIGTERM a gateway (drain)."""
    stage.begin()
    codes = _restarted(stage, 0)
    return _drained(stage, codes, gateways=1)


def rolling_restart(stage: Stage) -> Seen:
    """Rolling restart of all gateways."""
    stage.begin()
    codes = [code for number in range(len(stage.cluster.gateways)) for code in _restarted(stage, number)]
    return _drained(stage, codes, gateways=len(stage.cluster.gateways))


def storm(stage: Stage) -> Seen:
    """All players lose their sockets and come back at once."""
    stage.begin()
    stage.crowd.storm()
    stage.calm()
    seen = stage.seen()
    checks = [
        *all_fly(seen),
        *kept_in_place(seen),
        only_codes(seen, {GONE}),
        equal("handshakes refused", seen.refusals, {}),
        equal("reconnects", seen.reconnects, seen.players),
        stage.timed("longest freeze", seen.freeze.max, STORM_FREEZE_S),
    ]
    return Seen(seen, checks)


def _restarted(stage: Stage, number: int) -> list[int]:
    gateway = stage.cluster.gateways[number]
    gateway.terminate()
    stage.say(f"{gateway.name} told to stop")
    code = gateway.process.wait()
    stage.say(f"{gateway.name} ended with {code}")
    gateway.start_again()
    gateway.wait_until_ready()
    stage.say(f"{gateway.name} ready again")
    return [code]


def _drained(stage: Stage, codes: list[int], *, gateways: int) -> Seen:
    seen = stage.seen()
    checks = [
        *all_fly(seen),
        *kept_in_place(seen),
        only_codes(seen, {RESTART}),
        equal("handshakes refused", seen.refusals, {}),
        equal("players whom one gateway closed twice", seen.closed_twice_by, 0),
        equal("reconnects beside one for each close", seen.reconnects - sum(seen.closes.values()), 0),
        equal("players with more reconnects than gateways", int(seen.reconnects_max > gateways), 0),
        equal("exit codes", codes, [0] * gateways),
        stage.timed("freeze p99", seen.freeze.p99, ROLLING_FREEZE_S),
    ]
    return Seen(seen, checks)


ALL: Final = (
    Scenario("gateway-kill", kill),
    Scenario("gateway-drain", drain, Layout(settings=_DRAIN)),
    Scenario("gateway-rolling", rolling_restart, Layout(settings=_DRAIN), full_players=ROLLING_PLAYERS),
    Scenario("gateway-storm", storm),
)
