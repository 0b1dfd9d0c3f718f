"""The nightly gate can fail, and for the right reason: real servers, real load; `make test-capacity`."""

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from loadtest.__main__ import main
from loadtest.bench import trial
from loadtest.bench.rounds import Pace
from loadtest.bench.trial import Timing
from loadtest.commands import capacity_commands
from loadtest.measure.result import read
from loadtest.outcome import ExitCode
from loadtest.report.write import write_report
from tests.end_to_end.server import serving

BRISK = Pace(1, Timing(500, 2.0), 1.5, 1)  # the verdicts under test are far from any border

# Stands in for the generator: runs it for 100 ms of each 400.
STARVED = """#!{python}
import signal, subprocess, sys
child = subprocess.Popen([{generator!r}, *sys.argv[1:]])
signal.signal(signal.SIGTERM, lambda *_: (child.kill(), sys.exit(0)))
def lasts(seconds):
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return True
    return False
while lasts(0.1):
    child.send_signal(signal.SIGSTOP)
    lasts(0.3)
    child.send_signal(signal.SIGCONT)
"""


def night(folder: Path, *words: str) -> tuple[int, dict[str, Any]]:
    history = folder / "history.jsonl"
    out = folder / "night"
    code = main(["capacity", "--quick", "--first", "48", "--out", str(out), "--history", str(history), *words])
    (row,) = map(json.loads, history.read_text(encoding="utf-8").splitlines())
    return code, row


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shortest pace at which these verdicts are certain."""
    monkeypatch.setattr(capacity_commands, "NIGHTLY_QUICK", BRISK)


def test_a_server_with_slow_ticks_turns_the_night_red(tmp_path: Path) -> None:
    """80 ms of work in ticks of 50: the reason is the gap between frames, and that the server's core was full."""
    code, row = night(tmp_path, "--setting", "FLOTILLA_TEST_TICK_WORK_MS=80")

    assert (ExitCode.FAIL, "fail", 0, 0.0) == (code, row["verdict"], row["players"], row["ratio"])
    assert "p99 gap" in row["reasons"][1]
    assert "(a tick is 50 ms), and the server used" in row["reasons"][1]
    assert (tmp_path / "night" / "capacity.md").read_text(encoding="utf-8").startswith("# Capacity of one core: fail")
    assert {"capacity.json", "capacity.md", "capacity.png"} == {path.name for path in (tmp_path / "night").iterdir()}


def test_a_starved_generator_makes_the_night_inconclusive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A generator that is stopped three quarters of the time measures itself, and the reason names it."""
    script = tmp_path / "generator"
    script.write_text(STARVED.format(python=sys.executable, generator=str(trial.GENERATOR)), encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(trial, "GENERATOR", script)

    code, row = night(tmp_path)

    assert (ExitCode.INCONCLUSIVE, "inconclusive") == (code, row["verdict"])
    assert "the generator was late or busy at" in row["reasons"][0]


def test_a_deployed_release_with_slow_ticks_does_not_pass(tmp_path: Path) -> None:
    """It refuses players while it is overloaded, and a reason has their number."""
    with serving(tmp_path, FLOTILLA_TEST_TICK_WORK_MS="80") as server:
        code, row = night(tmp_path, "--url", server.url, "--players", "8", "--hold", "4")

    assert ExitCode.PASS != code
    assert None is row["ratio"]
    assert any("failed (" in reason and "× refused" in reason for reason in row["reasons"])
    assert server.url == row["target"]
    assert {"report.html", "ramp.png", "report.md"} == {
        path.name for path in write_report(read(tmp_path / "night" / "judged" / "result.json"), tmp_path)
    }
