"""loadtest/bench/nightly/history.py: a line a night, whole or not at all."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loadtest.bench.nightly.history import Row, append
from loadtest.measure.result import ResultError
from loadtest.report.history import SCHEMA, read

ROW = Row(
    schema=SCHEMA,
    at=datetime(2026, 11, 26, 3, 0, tzinfo=UTC),
    version="0.1.0",
    machine="a processor",
    players=2991,
    ratio=124.6,
    verdict="pass",
    reasons=["It carried them."],
)


def test_a_row_is_a_line_that_the_report_reads(tmp_path: Path) -> None:
    """Folders are made, and each night adds to those before."""
    path = tmp_path / "nights" / "history.jsonl"

    append(path, ROW)
    append(path, ROW)

    assert 2 == len(path.read_bytes().splitlines())
    found = read(path)
    assert ([2991, 2991], 0) == ([night.players for night in found.nights], found.unreadable)
    assert ROW.at == found.nights[0].at


def test_a_torn_last_line_does_not_take_the_next_with_it(tmp_path: Path) -> None:
    """What a full disk cut off stays a line of its own, which is counted."""
    path = tmp_path / "history.jsonl"
    append(path, ROW)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])

    append(path, ROW)

    found = read(path)
    assert (2, 1) == (len(found.nights), found.unreadable)


def test_a_line_that_does_not_fit_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full half-way through a line is a sentence, and no half of a line."""
    path = tmp_path / "history.jsonl"
    append(path, ROW)
    before = path.read_bytes()
    write = os.write

    def full(handle: int, data: bytes) -> int:
        if len(data) < 100:
            raise OSError(28, "No space left on device")
        return write(handle, data[: len(data) - 50])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(ResultError, match="No space left on device"):
        append(path, ROW)

    assert before == path.read_bytes()


def test_a_path_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """It names the file and the reason."""
    with pytest.raises(ResultError, match="cannot be written: Is a directory"):
        append(tmp_path, ROW)
