"""Two releases side by side: rollouts, rollbacks and takeovers between them. No ship is lost, whichever goes first.

The other releases are made from this one (loadtest.processes.other_release), with another format.
"""

import signal
import zlib
from typing import Any, Final

from app.wire.formats import FORMAT
from loadtest.judge.checks import Check, all_fly, equal, kept_in_place, no_socket_closed, only_codes
from loadtest.measure.observation import Observation
from loadtest.processes import private_port
from loadtest.processes.other_release import PREVIOUS, version
from loadtest.processes.role import Role
from loadtest.scenarios.faults.gateway import RESTART
from loadtest.scenarios.stage import Scenario, Seen, Stage
from loadtest.sites.local import Layout

CURRENT: Final = 0
NEXT: Final = 1
SPARE_S: Final = 2.5  # longest freeze if a successor waits already, of whichever release
RESTART_S: Final = 5.0  # longest freeze of a tick that ends and starts anew, as another release
GREETED_S: Final = 2.5  # by then a gateway has noticed that a tick does not answer, and greeted it
WAIT_S: Final = 3.0  # without a tick that can read the checkpoint

_KEY: Final = "{flotilla}:checkpoint"
_DRAIN: Final = {"FLOTILLA_DRAIN_WAIT_SECONDS": "0.5", "FLOTILLA_DRAIN_WINDOW_SECONDS": "1"}


def upgrade(stage: Stage) -> Seen:
    """Upgrade from the previous release: the gateways one by one, then the tick."""
    return _rolled(stage, CURRENT)


def roll_back(stage: Stage) -> Seen:
    """Roll back to the previous release: the gateways one by one, then the tick."""
    return _rolled(stage, PREVIOUS)


def take_over(stage: Stage) -> Seen:
    """SIGTERM the tick with gateways of both releases, a spare of the previous one waits; then kill that (kill -9)."""
    _restart(stage, stage.cluster.gateways[0], PREVIOUS)
    newer, older = stage.leader(), stage.cluster.add_tick(steps=PREVIOUS)
    back = _taken_over(stage, newer, older, signal.SIGTERM)
    newer.start_again()
    newer.wait_until_ready()
    forth = _taken_over(stage, older, newer, signal.SIGKILL)
    return Seen(forth.observation, [*back.checks, *forth.checks])


def unknown_checkpoint(stage: Stage) -> Seen:
    """The checkpoint is of a release that this one cannot read; the tick waits until one comes that can."""
    (tick,) = stage.cluster.ticks
    stage.begin()
    tick.terminate()
    tick.process.wait()
    kept = _rewrite_checkpoint(stage)
    tick.start_again()
    tick.wait_until_ready()
    stage.say("a checkpoint of a later release, and this tick")
    stage.calm(WAIT_S)
    waiting = [
        equal("the tick that waits", _probes(tick), {"/livez": 200, "/readyz": 200}),
        equal("it moves the world", int(tick.samples().get("flotilla_lease_held", 0)), 0),
        equal("lines in its log about that", tick.process.said().count("checkpoint_refused"), 1),
        Check("looks that were counted", _refused(tick) > 1, f"{_refused(tick):.0f}"),
        equal("the checkpoint is untouched", _checkpoint(stage) == kept, wanted=True),
        equal("players who hear that the world stands still", stage.crowd.report().paused, stage.players),
    ]
    stage.cluster.add_tick(steps=NEXT)
    stage.say("a tick of the next release")
    stage.wait_renewed()
    seen, understood = _understood(stage)
    return Seen(seen, [*waiting, *all_fly(seen), *no_socket_closed(seen), *kept_in_place(seen), understood])


def _rolled(stage: Stage, steps: int) -> Seen:
    roles = [*stage.cluster.gateways, *stage.cluster.ticks]
    stage.begin()
    codes = [_restart(stage, role, steps) for role in roles]
    seen, understood = _understood(stage)
    gateways = len(stage.cluster.gateways)
    checks = [
        *all_fly(seen),
        *kept_in_place(seen),
        only_codes(seen, {RESTART}),
        equal("handshakes refused", seen.refusals, {}),
        equal("players with more reconnects than gateways", int(seen.reconnects_max > gateways), 0),
        understood,
        equal("exit codes", codes, [0] * len(roles)),
        equal("releases that run", {_version(role) for role in roles}, {version(steps)}),
        stage.timed("longest freeze", seen.freeze.max, RESTART_S),
    ]
    return Seen(seen, checks)


def _taken_over(stage: Stage, leader: Role, successor: Role, end: signal.Signals) -> Seen:
    stage.begin()
    stage.say(f"{leader.name} of release {_version(leader)} gets {end.name}")
    leader.process.signal(end)
    leader.process.wait()
    stage.wait_renewed()
    seen, understood = _understood(stage)
    checks = [
        *all_fly(seen),
        *no_socket_closed(seen),
        *kept_in_place(seen),
        understood,
        equal("the tick that leads", stage.leader().name, successor.name),
        stage.timed("longest freeze", seen.freeze.max, SPARE_S),
    ]
    return Seen(seen, checks)


def _understood(stage: Stage) -> tuple[Observation, Check]:
    """Return what was seen, and that the inputs of all players arrive: frames alone do not tell."""
    stage.calm(GREETED_S)
    tick = stage.leader()
    before = _unread(tick)
    seen = stage.seen()
    return seen, equal("batches that the tick cannot read, once all have greeted it", _unread(tick) - before, 0)


def _restart(stage: Stage, role: Role, steps: int) -> int:
    role.terminate()
    code = role.process.wait()
    role.release = stage.cluster.release(steps)
    role.start_again()
    role.wait_until_ready()
    stage.say(f"{role.name} of release {_version(role)}")
    return code


def _version(role: Role) -> str:
    status, text = private_port.ask(role.private_port, "/metrics")
    lines = [line for line in text.splitlines() if line.startswith("flotilla_build_info{")] if status else []
    return lines[0].partition('version="')[2].partition('"')[0] if lines else ""


def _probes(role: Role) -> dict[str, int]:
    return {path: private_port.ask(role.private_port, path)[0] for path in ("/livez", "/readyz")}


def _refused(role: Role) -> float:
    return role.samples().get('flotilla_checkpoints_refused_total{reason="format"}', 0)


def _unread(role: Role) -> float:
    return role.samples()['flotilla_batches_refused_total{reason="format"}']


def _checkpoint(stage: Stage) -> bytes:
    with stage.cluster.redis.client() as redis:
        kept: Any = redis.get(_KEY)
        return bytes(kept or b"")


def _rewrite_checkpoint(stage: Stage) -> bytes:
    """Let the checkpoint be one for the next release and later ones; return it."""
    body = _checkpoint(stage)[:-4]
    newer = body[:4] + bytes([FORMAT + 2, FORMAT + 1]) + body[6:]
    kept = newer + zlib.crc32(newer).to_bytes(4, "little")
    with stage.cluster.redis.client() as redis:
        redis.set(_KEY, kept)
    return kept


ALL: Final = (
    Scenario("version-upgrade", upgrade, Layout(settings=_DRAIN, previous=True)),
    Scenario("version-rollback", roll_back, Layout(settings=_DRAIN)),
    Scenario("version-takeover", take_over, Layout(settings=_DRAIN)),
    Scenario("version-unknown", unknown_checkpoint),
)
