"""Tests of loadtest/commands/compare.py: the two sides of `--`, the table, and the exit codes."""

from pathlib import Path

import pytest

from loadtest.__main__ import main
from loadtest.result import write
from tests.loadtest.compare.rounds import rounds


def files(folder: Path, name: str, *p99_ms: float) -> list[str]:
    """Rounds as files."""
    found = []
    for one in rounds(name, *p99_ms):
        write(one.result, folder / one.name)
        found.append(str(folder / one.name))
    return found


def test_equal_versions_pass_without_evidence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and a table."""
    old, new = files(tmp_path, "A", 52, 53, 54), files(tmp_path, "B", 52.5, 53, 54)
    assert 0 == main(["compare", *old, "--", *new])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["figure", "old", "new", "ratio", "interval"]
    row = "gap p99 53 ms (52 ms – 54 ms) 53 ms (52.5 ms – 54 ms) 1.000 0.972 – 1.038 no evidence"
    assert row == " ".join(lines[1].split())
    assert "No evidence of a regression over 10 %." in lines


def test_a_regression_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, unless it is within the threshold."""
    old, new = files(tmp_path, "A", 52, 53, 54), files(tmp_path, "B", 68, 69, 70)
    assert 1 == main(["compare", *old, "--", *new])
    assert "REGRESSION" in capsys.readouterr().out
    assert 0 == main(["compare", "--threshold", "50", *old, "--", *new])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["A", "B", "C"], "One -- parts old results from new ones"),
        (["A", "--", "B", "--", "C"], "One -- parts old results from new ones"),
        (["A", "--", "B", "--threshold", "5"], "Options stand before the files, --threshold too"),
        (["--threshold", "-5", "A", "--", "B"], "A threshold of -5 % means nothing"),
        (["--threshold", "nan", "A", "--", "B"], "A threshold of nan % means nothing"),
        ([], "One -- parts old results from new ones"),
        (["nowhere.json", "--", "nowhere.json"], "nowhere.json cannot be read: No such file"),
        (["--", "--"], "One -- parts"),
        (["--"], "0 and 0 rounds are too few"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and how to say it right."""
    assert 2 == main(["compare", *words])
    error = capsys.readouterr().err
    assert sentence in error
    assert 1 == len(error.splitlines())


def test_too_few_rounds_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two of each are not enough."""
    old, new = files(tmp_path, "A", 52, 53), files(tmp_path, "B", 52, 53)
    assert 2 == main(["compare", *old, "--", *new])
    assert "2 and 2 rounds are too few" in capsys.readouterr().err
