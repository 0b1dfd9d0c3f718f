"""Tests of loadtest/report/trend.py and its chart: every night has its place, and every verdict its shape."""

from pathlib import Path

import pytest

from loadtest.report.history import History, read
from loadtest.report.trend import markdown, page, write_trend
from loadtest.report.trend_chart import trend
from tests.loadtest.report.nights import line

VERDICTS = ("pass", "fail", "inconclusive")


@pytest.fixture
def history(tmp_path: Path) -> History:
    """Nine nights, a change of machine, one that was not measured, and a line that is lost."""
    lines = [line(day, verdict=VERDICTS[day % 3], machine="one" if day < 5 else "two") for day in range(1, 9)]
    path = tmp_path / "history.jsonl"
    path.write_text("\n".join([*lines, line(9, ratio=None, players=None, gap_p99_ms=None), "lost"]), encoding="utf-8")
    return read(path)


def test_a_trend_is_three_files(history: History, tmp_path: Path) -> None:
    """Their names differ from the files of a result."""
    written = write_trend(history, tmp_path / "out")
    assert ["trend.png", "trend.html", "trend.md"] == [path.name for path in written]
    assert written[0].read_bytes().startswith(b"\x89PNG")


def test_each_verdict_has_its_own_mark(history: History) -> None:
    """Shape and colour, for readers who cannot distinguish the colours."""
    marks = {(one.get_marker(), one.get_color()) for one in trend(history).axes[0].lines if len(one.get_xdata()) == 1}
    assert 3 == len(marks)
    assert 3 == len({marker for marker, _ in marks})


def test_a_night_that_was_not_measured_has_no_point(history: History) -> None:
    """Its ratio is null, which is not 0."""
    assert 8 == len(trend(history).axes[0].lines[0].get_xdata())


def test_the_newest_night_is_first_and_lost_lines_are_told(history: History) -> None:
    """In the summary, which is short."""
    text = markdown(history)
    assert text.startswith("## 2026-11-09: ratio not measured")
    assert "Lines of the history that could not be read: 1." in text
    assert text.index("2026-11-08") < text.index("2026-11-01")


def test_the_page_asks_for_nothing(history: History) -> None:
    """No script and no address."""
    text = page(history)
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")
    assert text.count("<svg") == 1


def test_one_night_is_a_trend_too(tmp_path: Path) -> None:
    """The first one."""
    path = tmp_path / "history.jsonl"
    path.write_text(line(1, verdict="<b>"), encoding="utf-8")
    found = read(path)
    trend(found).canvas.draw()
    assert "<b>" not in page(found)
