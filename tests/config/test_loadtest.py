"""app/config/management/commands/loadtest.py: `flotilla loadtest` is the load test, where that is installed."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.config.management.commands import loadtest

ROOT = Path(__file__).resolve().parents[2]


def flotilla(*words: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "app", "loadtest", *words]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_arguments_output_and_exit_codes_are_those_of_the_load_test() -> None:
    """Django's own parser sees none of them."""
    helped = flotilla("ramp", "--help")
    assert (0, True) == (helped.returncode, helped.stdout.startswith("usage: flotilla loadtest ramp"))
    refused = flotilla("ramp", "--url", "nonsense")
    assert (2, True) == (refused.returncode, "is no URL of a WebSocket" in refused.stderr)
    assert 1 == len(refused.stderr.strip().splitlines())


def test_where_it_is_not_installed_it_says_how(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence, with the exit code of trouble."""

    def missing(name: str, *_: Any) -> Any:
        return None if name == "picows" else importlib.machinery.ModuleSpec(name, None)

    monkeypatch.setattr(importlib.util, "find_spec", missing)
    with pytest.raises(SystemExit) as ended:
        loadtest.Command().run_from_argv(["flotilla", "loadtest", "ramp"])
    assert 2 == ended.value.code
    assert "pip install 'flotilla[loadtest]'" in capsys.readouterr().err
