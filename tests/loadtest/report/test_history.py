"""loadtest/report/history.py: a line a night, whole or not at all; unreadable lines are counted."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loadtest.outcome import CannotRunError
from loadtest.report.history import SCHEMA, Night, append, read
from tests.loadtest.report.nights import line

NIGHT = Night(
    schema=SCHEMA,
    at=datetime(2026, 11, 26, 3, 0, tzinfo=UTC),
    version="0.1.0",
    machine="a processor",
    players=2991,
    ratio=124.6,
    verdict="pass",
    reasons=["It carried them."],
)


def test_nights_come_in_order_of_time(tmp_path: Path) -> None:
    """In any order of appending."""
    found = read(written(tmp_path, line(3), line(1), line(2, ratio=None, players=None)))
    assert [1, 2, 3] == [night.at.day for night in found.nights]
    assert found.nights[1].ratio is None
    assert 0 == found.unreadable


def test_lines_that_are_no_night_are_counted(tmp_path: Path) -> None:
    """One that was cut off, one of another schema, one of another kind; empty ones are none."""
    found = read(written(tmp_path, line(1), line(2)[:20], line(3, schema=2), "[]", "", line(4, ratio="high")))
    assert 1 == len(found.nights)
    assert 4 == found.unreadable


def test_a_moment_without_a_zone_is_utc(tmp_path: Path) -> None:
    """So that all can be put in order."""
    found = read(written(tmp_path, line(1), line(2, at="2026-11-02T03:10:00")))
    assert datetime(2026, 11, 2, 3, 10, tzinfo=UTC) == found.nights[1].at


def test_a_file_without_a_night_is_refused(tmp_path: Path) -> None:
    """It is another file."""
    with pytest.raises(CannotRunError, match="no line that is a nightly run"):
        read(written(tmp_path, "x", "y"))
    with pytest.raises(CannotRunError, match="cannot be read"):
        read(tmp_path / "nowhere.jsonl")


@given(st.binary())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_beside_a_night_are_tolerated(tmp_path: Path, junk: bytes) -> None:
    """The readable night is found beside any damage."""
    path = tmp_path / "history.jsonl"
    path.write_bytes(line(1).encode() + b"\n" + junk)
    assert 1 == len(read(path).nights)


def test_a_row_is_a_line_that_the_report_reads(tmp_path: Path) -> None:
    """Folders are made, and each night adds to those before."""
    path = tmp_path / "nights" / "history.jsonl"

    append(path, NIGHT)
    append(path, NIGHT)

    assert 2 == len(path.read_bytes().splitlines())
    found = read(path)
    assert ([2991, 2991], 0) == ([night.players for night in found.nights], found.unreadable)
    assert NIGHT.at == found.nights[0].at


def test_a_torn_last_line_does_not_take_the_next_with_it(tmp_path: Path) -> None:
    """The torn line stays a separate line, which is counted."""
    path = tmp_path / "history.jsonl"
    append(path, NIGHT)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])

    append(path, NIGHT)

    found = read(path)
    assert (2, 1) == (len(found.nights), found.unreadable)


def test_a_line_that_does_not_fit_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full half-way through a line is a sentence, and no half of a line."""
    path = tmp_path / "history.jsonl"
    append(path, NIGHT)
    before = path.read_bytes()
    write = os.write

    def full(handle: int, data: bytes) -> int:
        if len(data) < 100:
            raise OSError(28, "No space left on device")
        return write(handle, data[: len(data) - 50])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(CannotRunError, match="No space left on device"):
        append(path, NIGHT)

    assert before == path.read_bytes()


def test_a_path_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """It names the file and the reason."""
    with pytest.raises(CannotRunError, match="cannot be written: Is a directory"):
        append(tmp_path, NIGHT)


def written(folder: Path, *lines: str) -> Path:
    path = folder / "history.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
