"""Tests of loadtest/commands/capacity.py: a night that somebody ends leaves a sentence, and no line of the history."""

import os
import signal
from pathlib import Path
from typing import Any, Self

import pytest
from loadtest.bench.nightly import deployed, local

from loadtest.__main__ import main
from loadtest.outcome import ExitCode


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_night_is_a_sentence(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By hand or by CI, also in the background: what runs is stopped, nothing is written, signals are as they were."""
    given = signal.signal(number, signal.SIG_IGN)
    stopped: list[bool] = []

    def measure(*_: Any) -> Any:
        try:
            os.kill(os.getpid(), number)
        finally:
            stopped.append(True)

    monkeypatch.setattr(local, "measure", measure)
    history, out = tmp_path / "history.jsonl", tmp_path / "night"
    assert ExitCode.COULD_NOT_RUN == main(["capacity", "--quick", "--out", str(out), "--history", str(history)])
    assert "Interrupted: half a night says nothing, so the history has no line of it.\n" == capsys.readouterr().err
    assert [True] == stopped
    assert not history.exists()
    assert not out.exists()
    assert signal.SIG_IGN is signal.signal(number, given)


def test_an_interrupted_climb_is_told_to_write_what_it_saw(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It has the terminal's Ctrl-C already, but not a SIGTERM that came to us; it is waited for in both cases."""
    calls: list[str] = []

    class Ramp:
        def __init__(self, *_: Any, **__: Any) -> None:
            pass

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            calls.append("left")

        def communicate(self) -> tuple[str, str]:
            calls.append("waited")
            if len(calls) == 1:
                raise KeyboardInterrupt
            return "", ""

        def terminate(self) -> None:
            calls.append("terminated")

    monkeypatch.setattr(deployed.subprocess, "Popen", Ramp)
    with pytest.raises(KeyboardInterrupt):
        deployed.measure(deployed.Site("ws://127.0.0.1:1/", 10, 1.0, []), tmp_path)
    assert ["waited", "terminated", "waited", "left"] == calls
