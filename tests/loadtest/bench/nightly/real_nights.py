"""The nightly gate can fail, and for the right reason: real servers, real load; `make test-capacity`."""

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from loadtest.__main__ import main
from loadtest.bench.capacity import trial
from loadtest.bench.capacity.run import Pace
from loadtest.bench.capacity.trial import Timing
from loadtest.commands import capacity
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
    """No more time than these verdicts need."""
    monkeypatch.setattr(capacity, "QUICK", BRISK)


def test_a_server_with_slow_ticks_turns_the_night_red(tmp_path: Path) -> None:
    """80 ms of work in ticks of 50: the reason is the gap between frames, and that the server's core was full."""
    code, row = night(tmp_path, "--setting", "FLOTILLA_TEST_TICK_WORK_MS=80")

    assert (ExitCode.FAIL, "fail", 0, 0.0) == (code, row["verdict"], row["players"], row["ratio"])
    assert "p99 gap" in row["reasons"][1]
    assert "where a tick is 50" in row["reasons"][1]
    assert (tmp_path / "night" / "capacity.md").read_text(encoding="utf-8").startswith("# Nightly capacity: fail")
    assert (tmp_path / "night" / "capacity.json").exists()


def test_a_starved_generator_makes_the_night_inconclusive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A generator that stands still three quarters of the time measures itself, and says so."""
    script = tmp_path / "generator"
    script.write_text(STARVED.format(python=sys.executable, generator=str(trial.GENERATOR)), encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(trial, "GENERATOR", script)

    code, row = night(tmp_path)

    assert (ExitCode.INCONCLUSIVE, "inconclusive") == (code, row["verdict"])
    assert "the generator was late or busy itself" in row["reasons"][0]


def test_a_deployed_release_with_slow_ticks_does_not_pass(tmp_path: Path) -> None:
    """Its gaps broke, and are named; where the generator was late beside it the night is inconclusive."""
    with serving(tmp_path, FLOTILLA_TEST_TICK_WORK_MS="80") as server:
        code, row = night(tmp_path, "--url", server.url, "--players", "8", "--hold", "4")

    assert ExitCode.PASS != code
    assert None is row["ratio"]
    assert "gap p99" in row["reasons"][0].lower()
    assert server.url == row["target"]
    assert {"report.html", "ramp.png", "report.md"} == {
        path.name for path in write_report(read(tmp_path / "night" / "judged" / "result.json"), tmp_path)
    }


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--setting", "FLOTILLA_NONSENSE=1"], "FLOTILLA_NONSENSE names no setting"),
        (["--rounds", "0"], "--rounds is at least 1"),
        (["--url", "ws://127.0.0.1:1/ws/game/"], "127.0.0.1"),
        (["--baseline", "/nowhere/capacity.json"], "There is no capacity.json yet"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    """With exit code 2, and no row in the history."""
    history = tmp_path / "history.jsonl"
    code = main(["capacity", "--out", str(tmp_path / "night"), "--history", str(history), *words])

    assert ExitCode.COULD_NOT_RUN == code
    assert sentence in capsys.readouterr().err
    assert not history.exists()
