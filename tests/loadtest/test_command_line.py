"""loadtest/__main__.py: the console script of the laboratory."""

import importlib.util
import tomllib
from typing import Any

import pytest

from loadtest import __main__ as command_line
from loadtest.paths import ROOT
from tests.loadtest.commands.command import run


def test_a_wrong_target_is_one_sentence_and_exit_code_2() -> None:
    """No traceback, and nothing is sent anywhere."""
    refused = run("ramp", "--url", "nonsense")
    assert (2, True) == (refused.returncode, "is no URL of a WebSocket" in refused.stderr)
    assert 1 == len(refused.stderr.strip().splitlines())


def test_the_console_script_is_the_module() -> None:
    """`flotilla-loadtest` and `python -m loadtest` are the same program."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, function = project["scripts"]["flotilla-loadtest"].partition(":")
    assert "loadtest.__main__" == module
    assert callable(getattr(command_line, function))
    assert run("ramp", "--help").stdout.startswith("usage: flotilla-loadtest ramp")


def test_a_missing_extra_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one sentence, with exit code 2."""

    def missing(name: str, *_: Any) -> Any:
        return None if name == "picows" else importlib.machinery.ModuleSpec(name, None)

    monkeypatch.setattr(importlib.util, "find_spec", missing)
    assert 2 == command_line.main(["ramp"])
    assert "pip install 'flotilla[loadtest]'" in capsys.readouterr().err
