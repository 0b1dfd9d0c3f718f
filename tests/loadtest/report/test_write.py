"""Tests of loadtest/report/write.py: three files, all or, where one cannot be made, none."""

import struct
from pathlib import Path

import pytest

from loadtest.outcome import CannotRunError
from loadtest.report import write
from loadtest.report.write import write_report, write_side_by_side
from tests.loadtest.measure import results

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def test_a_report_is_three_files(tmp_path: Path) -> None:
    """A picture of twice a README's width, a page, a summary."""
    written = write_report(results.good(), tmp_path / "new")
    assert ["ramp.png", "report.html", "report.md"] == [path.name for path in written]
    picture = written[0].read_bytes()
    assert picture.startswith(SIGNATURE)
    assert (1664, 912) == struct.unpack(">II", picture[16:24])
    assert written[1].read_text(encoding="utf-8").startswith("<!doctype html>")
    assert written[2].read_text(encoding="utf-8").startswith("## 90 players")


def test_the_same_result_gives_the_same_files(tmp_path: Path) -> None:
    """No date and no accident in them, so that a picture in a repository only changes for a reason."""
    one, other = (write_report(results.good(), tmp_path / name) for name in ("one", "other"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]


def test_what_cannot_be_drawn_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All is made before the first file is written."""

    def broken(_: object) -> str:
        raise ValueError("no page")

    monkeypatch.setattr(write, "page", broken)
    with pytest.raises(ValueError, match="no page"):
        write_report(results.good(), tmp_path)
    assert [] == list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """A file is in the way."""
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotRunError, match="cannot be written"):
        write_report(results.good(), tmp_path / "file")


def test_runs_side_by_side_are_one_picture(tmp_path: Path) -> None:
    """Of the same size as that of one."""
    write_side_by_side([("Flotilla", results.good()), ("Textbook", results.bad())], tmp_path / "both.png")
    picture = (tmp_path / "both.png").read_bytes()
    assert picture.startswith(SIGNATURE)
    assert (1664, 912) == struct.unpack(">II", picture[16:24])
