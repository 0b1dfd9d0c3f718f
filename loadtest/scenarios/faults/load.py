"""What play costs, and what coming and going leaves behind."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.judge.checks import Check, all_fly, at_most, equal
from loadtest.load.crowd_process import RemoteCrowd, joined
from loadtest.measure.observation import Observation
from loadtest.measure.slope import HOUR_S, slope_per_s
from loadtest.players.door import Door
from loadtest.processes.machine import clocks, rss_kib
from loadtest.processes.role import Role
from loadtest.scenarios.stage import CALM_S, Scenario, Seen, Stage
from loadtest.sites.local import Layout, running

CHURN_S: Final = 1800.0
CHURN_QUICK_S: Final = 20.0
CHURN_PER_S: Final = 5.0
CHURN_PLAYERS: Final = 100
WARM_SHARE: Final = 0.25  # of the churn, before memory is looked at
LOOKS: Final = 60  # at memory, evenly over the rest
SLOPE_BOUND: Final = 0.01  # of itself, an hour
NOISE_KIB: Final = 4096  # what an allocator keeps or gives back in one look says nothing about a slope in a short run
CPU_S: Final = 30.0
CPU_QUICK_S: Final = 5.0
CPU_PLAYERS: Final = 300  # of one gateway
CPU_BOUND: Final = 15.0  # %
CPU_QUICK_BOUND: Final = 100.0  # %: with few players, what a gateway costs without any weighs more
GRACE_S: Final = "5"  # of the ships of those who left, so that a warm-up reaches the steady state
SMALL: Final = 10  # keys in Redis that are ours and stay: lease, epoch, checkpoint, and what the layer keeps


@dataclass(slots=True)
class _Course:
    """Memory of one process over time."""

    seconds: list[float]
    kib: list[float]


def churn(stage: Stage) -> Seen:
    """Players come and go all the time, half of them without a word."""
    seconds = stage.pick(quick=CHURN_QUICK_S, full=CHURN_S)
    stage.begin()
    keys = stage.cluster.redis.keys()
    stage.crowd.churn(CHURN_PER_S, seconds)
    stage.calm(seconds * WARM_SHARE)
    courses = _watched(stage.cluster.roles, seconds * (1 - WARM_SHARE))
    stage.calm()
    seen = stage.seen()
    checks = [
        equal("players who see the world move", seen.live, seen.players),
        equal("ships that two players fly", seen.ships_shared, 0),
        equal("frames of an older epoch after a newer one", seen.older_epochs, 0),
        equal("frames that did not fit", seen.misfits, 0),
        Check("keys in Redis", stage.cluster.redis.keys() <= max(keys, SMALL), str(stage.cluster.redis.keys())),
        *(_slope_check(name, course, full=stage.full) for name, course in courses.items()),
    ]
    return Seen(seen, checks)


def _watched(roles: list[Role], seconds: float) -> dict[str, _Course]:
    courses = {role.name: _Course([], []) for role in roles}
    begun = time.monotonic()
    for look in range(LOOKS):
        time.sleep(max(0.0, begun + seconds * look / LOOKS - time.monotonic()))
        for role in roles:
            courses[role.name].seconds.append(time.monotonic() - begun)
            courses[role.name].kib.append(rss_kib(role.pid))
    return courses


def _slope_check(name: str, course: _Course, *, full: bool) -> Check:
    slope = slope_per_s(course.seconds, course.kib)
    if full:
        share = slope * HOUR_S / course.kib[0]
        return at_most(f"memory slope of {name}", share * 100, SLOPE_BOUND * 100, "% an hour", timed=False)
    grown = slope * (course.seconds[-1] - course.seconds[0])
    return at_most(f"memory growth of {name}", grown / 1024, NOISE_KIB / 1024, "MiB", timed=False)


def two_gateways(stage: Stage) -> Seen:
    """CPU time of a frame: two gateways, then one alone with as many players as each of them had."""
    seconds = stage.pick(quick=CPU_QUICK_S, full=CPU_S)
    two = _cpu_per_frame(stage.cluster.gateways, stage.crowd, seconds)
    seen = stage.seen()
    stage.crowd.leave()  # so that nobody else uses the processor
    folder = stage.cluster.folder / "alone"
    folder.mkdir()
    with (
        running(folder, Layout(gateways=1)) as alone,
        joined(Door([alone.socket_url]), folder, stage.players // 2) as crowd,
    ):
        one = _cpu_per_frame(alone.gateways, crowd, seconds)
    return _compared(stage, seen, two, one)


def _compared(stage: Stage, seen: Observation, two: float, one: float) -> Seen:
    stage.say(f"two gateways: {two * 1e6:.1f} us a frame, one: {one * 1e6:.1f} us")
    bound = CPU_BOUND if stage.full else CPU_QUICK_BOUND
    difference = abs(two / one - 1) * 100
    return Seen(seen, [*all_fly(seen), at_most("difference of CPU time of a frame", difference, bound, "%")])


def _cpu_per_frame(gateways: Sequence[Role], crowd: RemoteCrowd, seconds: float) -> float:
    """Return the CPU seconds of the gateways for each frame that a player got."""
    time.sleep(CALM_S)
    crowd.mark()
    before = sum(clocks(gateway.pid).process for gateway in gateways)
    time.sleep(seconds)
    used = sum(clocks(gateway.pid).process for gateway in gateways) - before
    return used / max(1, crowd.report().frames)


ALL: Final = (
    Scenario("cpu-gateways", two_gateways, full_players=2 * CPU_PLAYERS),
    Scenario("churn", churn, Layout(settings={"FLOTILLA_RESUME_GRACE_SECONDS": GRACE_S}), full_players=CHURN_PLAYERS),
)
