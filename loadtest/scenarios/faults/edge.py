"""What happens around the product: its proxy, and the clock of its machine."""

from pathlib import Path
from typing import Final

from loadtest.judge.checks import Check, all_fly, equal, kept_in_place, no_socket_closed
from loadtest.processes.process import SiteError
from loadtest.scenarios.stage import Scenario, Seen, Stage

UNMOVED_S: Final = 0.5  # longest freeze when nothing should be felt
JUMPS: Final = ("+3600", "-3600", "+0")  # an hour on, an hour back, and right again
HOUR_S: Final = 3600.0
NOTICED_S: Final = 2.0  # after each: libfaketime looks at its file once a second

_LIBRARIES: Final = ("/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib/faketime/libfaketime.so.1")


def reload_nginx(stage: Stage) -> Seen:
    """Nginx reload."""
    stage.begin()
    stage.cluster.nginx.reload()
    stage.say("nginx has a new worker")
    stage.calm()
    return _unmoved(stage, [])


def jump_tick_clock(stage: Stage) -> Seen:
    """The wall clock of the tick jumps an hour on, two back, and one on."""
    clock = stage.cluster.folder / "clock"
    clock.write_text("+0", encoding="ascii")
    plain = stage.leader()
    faked = stage.cluster.add_tick(extra=_environment(clock))
    plain.terminate()
    plain.process.wait()
    stage.crowd.wait_renewed(stage.players, NOTICED_S * 10)
    leads = equal("the tick with that clock leads", stage.leader().name, faked.name)
    stage.begin()
    age = _relay_age(stage)
    for jump in JUMPS:
        clock.write_text(jump, encoding="ascii")
        stage.say(f"the clock says {jump} s")
        stage.calm(NOTICED_S)
    aged = _relay_age(stage) - age  # what the gateways believe, which compare the tick's clock with theirs
    jumped = Check("the clock did jump", aged > HOUR_S, f"frames that seem {aged:.0f} s old together")
    return _unmoved(stage, [leads, jumped, equal("it still leads", stage.leader().name, faked.name)])


def _relay_age(stage: Stage) -> float:
    return sum(gateway.samples().get("flotilla_relay_age_seconds_sum", 0.0) for gateway in stage.cluster.gateways)


def _unmoved(stage: Stage, more: list[Check]) -> Seen:
    seen = stage.seen()
    checks = [
        *all_fly(seen),
        *no_socket_closed(seen),
        *kept_in_place(seen, compared=False),
        *more,
        equal("new epochs that were seen", len(seen.epochs), 0),
        stage.timed("longest freeze", seen.freeze.max, UNMOVED_S),
    ]
    return Seen(seen, checks)


def _environment(clock: Path) -> dict[str, str]:
    return {
        "LD_PRELOAD": _library(),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "DONT_FAKE_MONOTONIC": "1",  # no clock of the kernel that only goes on ever jumps
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # the same in newer releases
    }


def _library() -> str:
    for pattern in _LIBRARIES:
        for path in sorted(Path("/").glob(pattern.lstrip("/"))):
            return str(path)
    raise SiteError("There is no libfaketime on this machine: install it (on Debian: sudo apt-get install faketime).")


ALL: Final = (Scenario("nginx-reload", reload_nginx), Scenario("clock-jump", jump_tick_clock))
