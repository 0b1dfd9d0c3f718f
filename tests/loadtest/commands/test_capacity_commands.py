"""loadtest/commands/capacity_commands.py: `bench` and `capacity` as a person runs them, without real measurements."""

import json
import signal
from pathlib import Path

import pytest

from loadtest.__main__ import main
from loadtest.bench import baseline
from loadtest.bench.capacity_report import Report
from loadtest.measure.result import write_json
from loadtest.outcome import ExitCode
from tests.end_to_end.server import serving
from tests.loadtest.bench.steps import NOT_CALIBRATED, report_of
from tests.loadtest.commands.command import running, trouble

INTERRUPTED = "Interrupted before the end, so the history has no line of this run."
KEPT = report_of({"ours": 2000, "node": 2000, "picows": 2000, "uvicorn": 1000, "textbook": 20})


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def keeping(folder: Path) -> list[str]:
    return ["--out", str(folder / "night"), "--history", str(folder / "history.jsonl")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_night_is_a_sentence(number: signal.Signals, tmp_path: Path) -> None:
    """Nothing is written."""
    async with running("how busy the machine is", "capacity", "--quick", *keeping(tmp_path)) as process:
        process.send_signal(number)
        assert INTERRUPTED == (await trouble(process)).splitlines()[-1]
    assert [] == names(tmp_path)


async def test_an_interrupted_climb_keeps_its_result(tmp_path: Path) -> None:
    """The history has no line of it."""
    words = ("--players", "4", "--hold", "600", *keeping(tmp_path))
    (tmp_path / "server").mkdir()
    with serving(tmp_path / "server") as server:
        async with running("1 of 1 players", "capacity", "--url", server.url, *words) as process:
            process.send_signal(signal.SIGTERM)
            assert INTERRUPTED == (await trouble(process)).splitlines()[-1]
    found = json.loads((tmp_path / "night" / "judged" / "result.json").read_text(encoding="utf-8"))
    assert found["interrupted"] is True
    assert not (tmp_path / "history.jsonl").exists()


@pytest.mark.parametrize(
    ("fresh", "code"),
    [
        (KEPT, ExitCode.PASS),
        (report_of({"ours": 1700, "node": 2000, "picows": 2000, "uvicorn": 1000, "textbook": 20}), ExitCode.FAIL),
        (report_of({"ours": 2000, "node": 2000}, calibration=NOT_CALIBRATED), ExitCode.INCONCLUSIVE),
    ],
)
def test_the_check_passes_fails_or_is_inconclusive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fresh: Report, code: ExitCode
) -> None:
    """By exit code, and the report has the outcome in its heading."""
    kept, found = tmp_path / "kept.json", tmp_path / "found.json"
    write_json(KEPT, kept)
    write_json(fresh, found)

    assert code == main(["bench", "--check", "--baseline", str(kept), "--report", str(found)])
    assert capsys.readouterr().out.startswith(f"# Capacity of one core: {code.name.lower()}\n")


def test_a_report_becomes_the_baseline(tmp_path: Path) -> None:
    """`--write-baseline` keeps all figures."""
    kept, found = tmp_path / "kept.json", tmp_path / "found.json"
    write_json(KEPT, found)

    assert ExitCode.PASS == main(["bench", "--write-baseline", "--baseline", str(kept), "--report", str(found)])
    assert KEPT == baseline.read(kept)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["capacity", "--setting", "FLOTILLA_NONSENSE=1"], "FLOTILLA_NONSENSE names no setting"),
        (["capacity", "--url", "ws://127.0.0.1:1/ws/game/"], "127.0.0.1"),
        (["capacity", "--baseline", "/nowhere/capacity.json"], "/nowhere/capacity.json cannot be read"),
        (["bench", "--only", "ours,nonsense"], "There is no server nonsense"),
        (["bench", "--check", "--baseline", "/nowhere/capacity.json"], "--write-baseline"),
    ],
)
def test_a_run_that_is_not_possible_is_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    sentence: str,
) -> None:
    """With exit code 2, and without a line in the history or a folder of results."""
    monkeypatch.chdir(tmp_path)
    history = ["--history", str(tmp_path / "history.jsonl")] if words[0] == "capacity" else []

    assert ExitCode.COULD_NOT_RUN == main([*words, *history])
    error = capsys.readouterr().err
    assert sentence in error
    assert 1 == len(error.splitlines())
    assert [] == names(tmp_path)


@pytest.mark.parametrize("words", [["capacity", "--rounds", "0"], ["bench", "--at", "0"], ["bench", "--first", "x"]])
def test_a_count_below_one_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the name of the option."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ExitCode.COULD_NOT_RUN == ended.value.code
    assert f"{words[1]}: at least 1, not {words[2]}" in capsys.readouterr().err
