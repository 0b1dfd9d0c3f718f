"""Two releases side by side: rollouts, rollbacks and takeovers between them. No ship is lost, in any order.

The other releases are made from this one (loadtest.processes.other_release) with another format.
"""

import zlib
from collections.abc import Callable
from typing import Any, Final

from app.wire.formats import FORMAT
from loadtest.judge.checks import Check, equal
from loadtest.measure.observation import Observation
from loadtest.processes.other_release import PREVIOUS, version
from loadtest.processes.role import Role
from loadtest.scenarios.rollout_checks import rolled, undisturbed
from loadtest.scenarios.stage import LocalStage, Scenario, Seen
from loadtest.sites.local import LocalLayout
from loadtest.sites.process_history import History

CURRENT: Final = 0
NEXT: Final = 1
SPARE_S: Final = 2.5  # longest freeze if a successor of either release waits
RESTART_S: Final = 5.0  # longest freeze of a tick that restarts as another release
GREETED_S: Final = 2.5  # until a gateway has noticed that a tick does not answer, and has greeted it in both formats
WAIT_S: Final = 3.0  # without a tick that can read the checkpoint

_KEY: Final = "{flotilla}:checkpoint"
_DRAIN: Final = {"FLOTILLA_DRAIN_WAIT_SECONDS": "0.5", "FLOTILLA_DRAIN_WINDOW_SECONDS": "1"}
_UNREAD: Final = 'flotilla_batches_refused_total{reason="format"}'
_REFUSED: Final = 'flotilla_checkpoints_refused_total{reason="format"}'


def upgrade(stage: LocalStage) -> Seen:
    """Upgrade from the previous release: the gateways one by one, then the tick."""
    return _rolled(stage, CURRENT)


def roll_back(stage: LocalStage) -> Seen:
    """Roll back to the previous release: the gateways one by one, then the tick."""
    return _rolled(stage, PREVIOUS)


def take_over(stage: LocalStage) -> Seen:
    """Takeovers with gateways of both releases: by the previous one after SIGTERM, then by this one after SIGKILL."""
    stage.join()
    _replace(stage, stage.site.gateways[0], PREVIOUS)
    newer, older = stage.site.role(stage.site.leader()), stage.site.add_tick(PREVIOUS)
    back = _taken_over(stage, newer, older, stage.site.terminate)
    newer.start()
    newer.wait_until_ready()
    forth = _taken_over(stage, older, newer, stage.site.kill)
    return Seen([*back.checks, *forth.checks], forth.observation)


def unknown_checkpoint(stage: LocalStage) -> Seen:
    """The checkpoint is of a later release. The tick waits until one comes that can read it."""
    (tick,) = stage.site.ticks
    stage.begin()
    stage.site.terminate(tick.name)
    kept = _rewrite_checkpoint(stage)
    tick.start()
    tick.wait_until_ready()
    stage.log("there is a checkpoint of a later release, and this tick")
    stage.calm(WAIT_S)
    refused = tick.samples().get(_REFUSED, 0)
    waiting = [
        equal("probes of the waiting tick", [tick.ask(path)[0] for path in ("/livez", "/readyz")], [200, 200]),
        equal("it moves the world", int(tick.samples().get("flotilla_lease_held", 0)), 0),
        equal("lines in its log about that", tick.process.output().count("checkpoint_refused"), 1),
        Check("counted refusals", refused > 1, f"{refused:.0f}"),
        equal("the checkpoint is unchanged", _checkpoint(stage) == kept, wanted=True),
        equal("players who get the status paused", stage.crowd.report().paused, stage.players),
    ]
    stage.site.add_tick(NEXT)
    stage.log("there is a tick of the next release")
    stage.wait_renewed()
    seen, history, understood = _understood(stage)
    return Seen([*waiting, *undisturbed(seen, history, compared=True), understood], seen)


def _rolled(stage: LocalStage, steps: int) -> Seen:
    roles = [*stage.site.gateways, *stage.site.ticks]
    stage.begin()
    codes = [_replace(stage, role, steps) for role in roles]
    seen, history, understood = _understood(stage)
    checks = [
        *rolled(seen, history, ended=len(stage.site.gateways), compared=True),
        understood,
        equal("exit codes", codes, [0] * len(roles)),
        equal("running releases", {_version(role) for role in roles}, {version(steps)}),
        stage.timed("longest freeze", seen.freeze.max, RESTART_S),
    ]
    return Seen(checks, seen)


def _taken_over(stage: LocalStage, leader: Role, successor: Role, end: Callable[[str], object]) -> Seen:
    stage.begin()
    stage.log(f"{leader.name} of release {_version(leader)} ends")
    end(leader.name)
    stage.wait_renewed()
    seen, history, understood = _understood(stage)
    checks = [
        *undisturbed(seen, history, compared=True),
        understood,
        equal("the leading tick", stage.site.leader(), successor.name),
        stage.timed("longest freeze", seen.freeze.max, SPARE_S),
    ]
    return Seen(checks, seen)


def _understood(stage: LocalStage) -> tuple[Observation, History, Check]:
    """Return what was seen, and the check that the inputs of all players arrive. Frames alone do not show it."""
    stage.calm(GREETED_S)
    tick = stage.site.leader()
    before = stage.site.samples(tick)[_UNREAD]
    seen, history = stage.seen()
    unread = stage.site.samples(tick)[_UNREAD] - before
    return seen, history, equal("batches that the tick cannot read, after all have greeted it", unread, 0)


def _replace(stage: LocalStage, role: Role, steps: int) -> int:
    code = stage.site.replace(role.name, stage.site.release(steps))
    stage.log(f"{role.name} of release {_version(role)}")
    return code


def _version(role: Role) -> str:
    info = next((name for name in role.samples() if name.startswith("flotilla_build_info{")), "")
    return info.partition('version="')[2].partition('"')[0]


def _checkpoint(stage: LocalStage) -> bytes:
    with stage.site.redis.client() as redis:
        kept: Any = redis.get(_KEY)
        return bytes(kept or b"")


def _rewrite_checkpoint(stage: LocalStage) -> bytes:
    """Make the checkpoint one for the next and later releases, and return it."""
    body = _checkpoint(stage)[:-4]
    newer = body[:4] + bytes([FORMAT + 2, FORMAT + 1]) + body[6:]
    kept = newer + zlib.crc32(newer).to_bytes(4, "little")
    with stage.site.redis.client() as redis:
        redis.set(_KEY, kept)
    return kept


ALL: Final = (
    Scenario("version-upgrade", upgrade, LocalLayout(settings=_DRAIN, previous=True)),
    Scenario("version-rollback", roll_back, LocalLayout(settings=_DRAIN)),
    Scenario("version-takeover", take_over, LocalLayout(settings=_DRAIN)),
    Scenario("version-unknown", unknown_checkpoint, LocalLayout()),
)
