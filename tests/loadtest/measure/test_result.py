"""Tests of loadtest/measure/result.py: results are complete or absent, and other files are refused."""

from pathlib import Path

import pytest

from loadtest.measure import result
from loadtest.outcome import CannotRunError


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk the old file stays, and no temporary file."""
    target = tmp_path / "result.json"
    result.write_whole(target, b"before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(CannotRunError, match="cannot be written: No space left on device"):
        result.write_whole(target, b"after")
    assert target.read_bytes() == b"before"
    assert [target] == list(tmp_path.iterdir())


@pytest.mark.parametrize(("content", "sentence"), [(b"{}", "is no result"), (b"\xff", "is no result")])
def test_another_file_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    """The error names it."""
    target = tmp_path / "result.json"
    target.write_bytes(content)
    with pytest.raises(CannotRunError, match=sentence):
        result.read(target)


def test_a_result_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The error names the reason."""
    with pytest.raises(CannotRunError, match="cannot be read: No such file"):
        result.read(tmp_path / "result.json")
