"""The cost of play, and what players who come and go leave behind."""

import time
from collections.abc import Sequence
from typing import Final

from loadtest.judge.checks import Check, all_fly, at_most, equal
from loadtest.load.crowd_process import RemoteCrowd, joined
from loadtest.measure.slope import HOUR_S, slope_per_s
from loadtest.processes.machine import clocks, rss_kib
from loadtest.processes.role import Role
from loadtest.scenarios.stage import CALM_S, LocalStage, Scenario, Seen
from loadtest.sites.local import LocalLayout, running

CHURN_S: Final = 1800.0
CHURN_QUICK_S: Final = 20.0
CHURN_PER_S: Final = 5.0
CHURN_PLAYERS: Final = 100
WARM_SHARE: Final = 0.25  # of the churn, before the first look at memory
LOOKS: Final = 60  # at memory, evenly over the rest
SLOPE_BOUND: Final = 0.01  # of the memory, an hour
NOISE_KIB: Final = 4096  # in a short run: an allocator keeps and returns that much at once
CPU_S: Final = 30.0
CPU_QUICK_S: Final = 5.0
CPU_PLAYERS: Final = 300  # of one gateway
CPU_BOUND: Final = 15.0  # %
CPU_QUICK_BOUND: Final = 100.0  # %: with few players, the cost of a gateway without players has more weight
GRACE_S: Final = "5"  # of abandoned ships, so that a warm-up reaches the steady state
SMALL: Final = 10  # keys in Redis that stay: lease, epoch, checkpoint, and the keys of the channel layer


Course = tuple[list[float], list[float]]  # of one process: seconds, and KiB of memory at each


def churn(stage: LocalStage) -> Seen:
    """Players come and go all the time, half of them without a goodbye."""
    seconds = stage.pick(quick=CHURN_QUICK_S, full=CHURN_S)
    stage.begin()
    before = stage.site.redis.keys()
    stage.crowd.churn(CHURN_PER_S, seconds)
    stage.calm(seconds * WARM_SHARE)
    courses = _courses(stage.site.roles, seconds * (1 - WARM_SHARE))
    stage.calm()
    seen, _ = stage.seen()
    keys = stage.site.redis.keys()
    checks = [
        equal("players who see the world move", seen.live, seen.players),
        equal("ships with two players", seen.ships_shared, 0),
        equal("frames of an older epoch after a newer one", seen.older_epochs, 0),
        equal("frames that do not fit the replica", seen.misfits, 0),
        Check("keys in Redis", keys <= max(before, SMALL), str(keys)),
        *(_slope_check(name, *course, full=stage.full) for name, course in courses.items()),
    ]
    return Seen(checks, seen)


def _courses(roles: list[Role], seconds: float) -> dict[str, Course]:
    courses: dict[str, Course] = {role.name: ([], []) for role in roles}
    begun = time.monotonic()
    for look in range(LOOKS):
        time.sleep(max(0.0, begun + seconds * look / LOOKS - time.monotonic()))
        for role in roles:
            moments, kib = courses[role.name]
            moments.append(time.monotonic() - begun)
            kib.append(rss_kib(role.pid))
    return courses


def _slope_check(name: str, moments: list[float], kib: list[float], *, full: bool) -> Check:
    slope = slope_per_s(moments, kib)
    if full:
        share = slope * HOUR_S / kib[0]
        return at_most(f"memory slope of {name}", share * 100, SLOPE_BOUND * 100, "% an hour", timed=False)
    grown = slope * (moments[-1] - moments[0])
    return at_most(f"memory growth of {name}", grown / 1024, NOISE_KIB / 1024, "MiB", timed=False)


def two_gateways(stage: LocalStage) -> Seen:
    """CPU time of a frame: two gateways, then one alone with as many players as each of them had."""
    seconds = stage.pick(quick=CPU_QUICK_S, full=CPU_S)
    stage.begin()
    two = _cpu_per_frame(stage.site.gateways, stage.crowd, seconds)
    seen, _ = stage.seen()
    stage.crowd.leave()  # so that no player uses the processor
    folder = stage.site.folder / "alone"
    folder.mkdir(exist_ok=True)
    with (
        running(folder, LocalLayout(gateways=1)) as alone,
        joined(alone.door(), folder, stage.players // 2) as crowd,
    ):
        one = _cpu_per_frame(alone.gateways, crowd, seconds)
    stage.log(f"two gateways: {two * 1e6:.1f} us a frame, one: {one * 1e6:.1f} us")
    difference, bound = abs(two / one - 1) * 100, stage.pick(quick=CPU_QUICK_BOUND, full=CPU_BOUND)
    return Seen([*all_fly(seen), at_most("difference of CPU time of a frame", difference, bound, "%")], seen)


def _cpu_per_frame(gateways: Sequence[Role], crowd: RemoteCrowd, seconds: float) -> float:
    """Return the CPU seconds of the gateways for each frame that a player got."""
    time.sleep(CALM_S)
    crowd.mark()
    before = sum(clocks(gateway.pid).process for gateway in gateways)
    time.sleep(seconds)
    used = sum(clocks(gateway.pid).process for gateway in gateways) - before
    return used / max(1, crowd.report().frames)


_SHORT_GRACE: Final = LocalLayout(settings={"FLOTILLA_RESUME_GRACE_SECONDS": GRACE_S})

ALL: Final = (
    Scenario("cpu-gateways", two_gateways, LocalLayout(), full_players=2 * CPU_PLAYERS),
    Scenario("churn", churn, _SHORT_GRACE, full_players=CHURN_PLAYERS),
)
