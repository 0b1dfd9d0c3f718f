"""Faults around Flotilla: its proxy, and the clock of its machine."""

from pathlib import Path
from typing import Final

from loadtest.judge.checks import Check, equal
from loadtest.processes.process import SiteError
from loadtest.scenarios.rollout_checks import undisturbed
from loadtest.scenarios.stage import LocalStage, Scenario, Seen
from loadtest.sites.local import LocalLayout

UNMOVED_S: Final = 0.5  # longest freeze if players notice nothing
JUMPS: Final = ("+3600", "-3600", "+0")  # seconds: an hour ahead, an hour behind, and correct again
HOUR_S: Final = 3600.0
NOTICED_S: Final = 2.0  # after each jump: libfaketime reads its file once a second
RENEWED_S: Final = 20.0  # longest wait for the tick with that clock

_LIBRARIES: Final = ("usr/lib/*/faketime/libfaketime.so.1", "usr/lib/faketime/libfaketime.so.1")


def reload_nginx(stage: LocalStage) -> Seen:
    """The proxy nginx reloads its configuration."""
    stage.begin()
    stage.site.nginx.reload()
    stage.log("nginx has a new worker")
    stage.calm()
    return _unmoved(stage)


def jump_tick_clock(stage: LocalStage) -> Seen:
    """The wall clock of the tick jumps one hour ahead, two back, and one ahead."""
    stage.join()
    clock = stage.site.folder / "clock"
    clock.write_text("+0", encoding="ascii")
    plain = stage.site.leader()
    faked = stage.site.add_tick(**_environment(clock)).name
    stage.site.terminate(plain)
    stage.crowd.wait_renewed(stage.players, RENEWED_S)
    leads = equal("the tick with that clock leads", stage.site.leader(), faked)
    stage.begin()
    age = _relay_age(stage)
    for jump in JUMPS:
        clock.write_text(jump, encoding="ascii")
        stage.log(f"the clock is {jump} s off")
        stage.calm(NOTICED_S)
    aged = _relay_age(stage) - age  # gateways compare the tick's clock with theirs
    jumped = Check("the clock jumped", aged > HOUR_S, f"frames seem {aged:.0f} s old in sum")
    return _unmoved(stage, leads, jumped, equal("it still leads", stage.site.leader(), faked))


def _relay_age(stage: LocalStage) -> float:
    return sum(gateway.samples().get("flotilla_relay_age_seconds_sum", 0.0) for gateway in stage.site.gateways)


def _unmoved(stage: LocalStage, *more: Check) -> Seen:
    seen, history = stage.seen()
    freeze = stage.timed("longest freeze", seen.freeze.max, UNMOVED_S)
    return Seen([*undisturbed(seen, history, epochs=0), *more, freeze], seen)


def _environment(clock: Path) -> dict[str, str]:
    return {
        "LD_PRELOAD": _library(),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "DONT_FAKE_MONOTONIC": "1",  # monotonic clocks of a kernel never jump
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # the same in newer releases
    }


def _library() -> str:
    for pattern in _LIBRARIES:
        for path in sorted(Path("/").glob(pattern)):
            return str(path)
    raise SiteError("There is no libfaketime on this machine: install it (on Debian: sudo apt-get install faketime).")


ALL: Final = (
    Scenario("nginx-reload", reload_nginx, LocalLayout()),
    Scenario("clock-jump", jump_tick_clock, LocalLayout()),
)
