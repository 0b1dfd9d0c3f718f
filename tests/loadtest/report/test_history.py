"""Tests of loadtest/report/history.py: what can be read is read, what cannot is counted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loadtest.measure.result import ResultError
from loadtest.report.history import read
from tests.loadtest.report.nights import line


def test_nights_come_in_order_of_time(tmp_path: Path) -> None:
    """Whatever the order in which they were appended."""
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
    with pytest.raises(ResultError, match="no line that is a nightly run"):
        read(written(tmp_path, "x", "y"))
    with pytest.raises(ResultError, match="cannot be read"):
        read(tmp_path / "nowhere.jsonl")


@given(st.binary())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_beside_a_night_are_tolerated(tmp_path: Path, junk: bytes) -> None:
    """Whatever a disk did to the rest, the night is found."""
    path = tmp_path / "history.jsonl"
    path.write_bytes(line(1).encode() + b"\n" + junk)
    assert 1 == len(read(path).nights)


def written(folder: Path, *lines: str) -> Path:
    path = folder / "history.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
