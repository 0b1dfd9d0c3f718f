"""Tests of loadtest/measure/result.py: results are complete or absent, and other files are refused."""

from pathlib import Path

import msgspec
import pytest

from loadtest.measure import result
from loadtest.outcome import CannotRunError
from tests.loadtest.measure import results


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


def test_a_result_of_another_schema_is_refused(tmp_path: Path) -> None:
    """Its fields may have another meaning."""
    target = tmp_path / "result.json"
    result.write_json(msgspec.structs.replace(results.good(), schema=2), target)
    with pytest.raises(CannotRunError, match="has schema 2; this program reads 1"):
        result.read(target)
