"""loadtest/k6/ramp.js, run by the real k6 against the real server: `make test-k6`, on machines that have k6.

A busy machine makes k6 late, and then its own thresholds break. So each test asserts only what lateness cannot change.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import app
from loadtest.measure.result import Result, read
from loadtest.report.write import write_report
from tests.end_to_end.server import REFUSALS, Server, serving

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "loadtest" / "k6" / "ramp.js"
BREACH = 99  # k6's exit code for a threshold that was crossed
ABORTED = 108  # and for a script that refused
PLAYERS = 8
HOLD_S = 3
MANY_GAPS = PLAYERS * HOLD_S * 10  # half of the gaps that are due: a busy machine delivers at least these


def variables(**values: Any) -> list[str]:
    return [word for name, value in values.items() for word in ("-e", f"{name}={value}")]


def k6(out: Path, **values: Any) -> tuple[int, str]:
    command = ["k6", "run", "--quiet", "--no-usage-report", str(SCRIPT), *variables(OUT=out, **values)]
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("K6_")}
    done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout + done.stderr


def ramp(server: Server, folder: Path, **values: Any) -> tuple[int, str, Result]:
    out = folder / "k6.json"
    code, said = k6(out, URL=server.url, TO=PLAYERS, RATE=PLAYERS, HOLD=HOLD_S, **values)
    assert out.exists(), said
    return code, said, read(out)


def holds(result: Result, objective: str) -> bool | None:
    assert result.verdict is not None
    (found,) = [check.holds for check in result.verdict.checks if check.objective.startswith(objective)]
    return found


@pytest.mark.parametrize("protocol", ["v1", "json"])
@pytest.mark.parametrize("inputs", ["5", "20"])
def test_players_come_fly_and_go(tmp_path: Path, protocol: str, inputs: str) -> None:
    """Every player joins, gets frames, sends inputs and leaves at the end; the exit code follows the verdict."""
    with serving(tmp_path) as server:
        code, said, found = ramp(server, tmp_path, PROTOCOL=protocol, INPUTS=inputs)
        heard = server.counters()

    assert (PLAYERS, 0, 0) == (found.joins, found.joins_failed, found.decode_errors), said
    assert ({}, {}, {}) == (found.closes, found.refusals, found.errors)
    assert min(found.gap.count, found.series[-1].frames, found.generator.lag.count * 4) > MANY_GAPS
    assert PLAYERS == found.handshake.count == found.first_frame.count == found.series[-1].open
    assert found.bytes_received > MANY_GAPS
    assert 0 == sum(count for name, count in heard.items() if name.startswith(REFUSALS))
    assert found.verdict is not None
    assert ("pass" == found.verdict.outcome) == (0 == code), said
    assert code in {0, BREACH}, said


def test_a_slow_server_breaks_the_budget(tmp_path: Path) -> None:
    """A tick of 150 ms takes three times its budget: k6 exits with 99 and names the gap."""
    with serving(tmp_path, FLOTILLA_TEST_TICK_WORK_MS="150") as server:
        code, said, found = ramp(server, tmp_path)

    assert BREACH == code, said
    assert "Broken: gap p99" in said
    assert holds(found, "gap p99") is False
    assert found.gap.p99_ms > 100
    assert found.verdict is not None
    assert found.verdict.outcome != "pass"


def test_a_server_that_refuses_fails_the_run(tmp_path: Path) -> None:
    """A refused handshake is a failed join, and the run fails."""
    with serving(tmp_path) as server:
        out = tmp_path / "k6.json"
        code, _ = k6(out, URL=server.url + "nowhere/", TO=3, RATE=3, HOLD=1)

    found = read(out)
    assert BREACH == code
    assert (3, 3, 0) == (found.joins, found.joins_failed, found.gap.count)
    assert found.verdict is not None
    assert "fail" == found.verdict.outcome


def test_a_server_that_goes_is_seen_as_closes_by_their_code(tmp_path: Path) -> None:
    """A drain closes sockets with 1012; k6's players do not reconnect."""
    server = Server(tmp_path, FLOTILLA_DRAIN_WINDOW_SECONDS="0")
    out = tmp_path / "k6.json"
    words = variables(URL=server.url, TO=4, RATE=4, HOLD=12, OUT=out)
    command = ["k6", "run", "--quiet", str(SCRIPT), *words]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while server.counters().get("flotilla_ships", 0) < 4:
            assert running.poll() is None
        server.terminate()
        assert 0 == server.wait()
        running.wait(60)
    finally:
        running.kill()
        server.kill()

    found = read(out)
    assert {"1012": 4} == found.closes
    assert 0 == found.series[-1].open


def test_its_result_can_be_drawn(tmp_path: Path) -> None:
    """The report draws it like a result of the Python load test, with a picture over time."""
    with serving(tmp_path) as server:
        _, _, found = ramp(server, tmp_path)

    names = {path.name for path in write_report(found, tmp_path / "drawn")}

    assert {"report.html", "ramp.png", "report.md"} == names


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("URL", "http://127.0.0.1/", "URL must be like"),
        ("URL", "ws://user@127.0.0.1/", "URL must be like"),
        ("URL", "ws://game.example/ws/game/", "game.example is another machine"),
        ("URL", "ws://127.0.0.1.evil.example/", "127.0.0.1.evil.example is another machine"),
        ("PROTOCOL", "v2", "PROTOCOL must be json or v1"),
        ("RATE", "0", "RATE must be a number"),
        ("RATE", "fast", "RATE must be a number"),
        ("TO", "1000000", "TO must be a number from 1 to 2000"),
        ("TO", " ", "TO must be a number"),
        ("HOLD", "-1", "HOLD must be a number"),
        ("RATE", "0.01", "A ramp takes at most 3600 s"),
        ("INPUTS", "often", "INPUTS must be a number"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    """The output has no stack, and no file is written."""
    out = tmp_path / "k6.json"
    code, said = k6(out, **{name: value})
    assert ABORTED == code
    assert sentence in said
    assert not re.search(r"\bat \w+ \(", said)
    assert not out.exists()


def inspected(**values: str) -> dict[str, Any]:
    """Return the options of a run, which k6 does not start."""
    command = ["k6", "inspect", str(SCRIPT), *variables(**values)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def test_another_machine_may_be_loaded_by_its_owner() -> None:
    """With the variable the run has a schedule, without it none."""
    there = "wss://game.example/ws/game/"
    assert inspected(URL=there, I_OWN_THIS_TARGET="1")["scenarios"]
    assert not inspected(URL=there)["scenarios"]


def test_without_settings_it_is_one_player_a_second_for_90_s() -> None:
    """Arrivals keep that rate however slow the server is."""
    (schedule,) = inspected()["scenarios"].values()
    assert ("constant-arrival-rate", 1000, "16m40s", "1m30s") == (
        *(schedule["executor"], schedule["rate"]),
        *(schedule["timeUnit"], schedule["duration"]),
    )


def test_its_version_is_the_project_s() -> None:
    """The constant in result.js equals the package's version."""
    result = (SCRIPT.parent / "result.js").read_text(encoding="utf-8")
    assert f'VERSION = "{app.__version__}"' in result
