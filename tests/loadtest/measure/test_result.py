"""Tests of loadtest/measure/result.py: results are whole or absent, and what is none is refused with a sentence."""

from pathlib import Path

import pytest

from loadtest.measure import result
from loadtest.measure.result import ResultError


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full leaves neither half a file nor the temporary one, and the old file stays."""
    target = tmp_path / "result.json"
    result.write_whole(target, b"before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ResultError, match="cannot be written: No space left on device"):
        result.write_whole(target, b"after")
    assert target.read_bytes() == b"before"
    assert [target] == list(tmp_path.iterdir())


@pytest.mark.parametrize(("content", "sentence"), [(b"{}", "is no result"), (b"\xff", "is no result")])
def test_what_is_no_result_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    """Any other file is refused by name."""
    target = tmp_path / "result.json"
    target.write_bytes(content)
    with pytest.raises(ResultError, match=sentence):
        result.read(target)


def test_a_result_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A missing file is a sentence."""
    with pytest.raises(ResultError, match="cannot be read: No such file"):
        result.read(tmp_path / "result.json")
