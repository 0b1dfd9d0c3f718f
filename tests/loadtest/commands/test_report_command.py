"""loadtest/commands/report_command.py: which files are drawn where, and one sentence for a file that cannot be."""

from pathlib import Path

import msgspec
import pytest

from loadtest.__main__ import main
from loadtest.commands.report_command import source
from loadtest.measure.result import write_json
from tests.loadtest.measure import results
from tests.loadtest.report.nights import line


@pytest.fixture
def result_file(tmp_path: Path) -> Path:
    """A result in a separate folder."""
    path = tmp_path / "monday" / "result.json"
    write_json(results.good(), path)
    return path


def test_a_result_is_drawn_beside_itself(result_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The written files are printed."""
    assert 0 == main(["report", str(result_file)])
    assert ["ramp.png", "report.html", "report.md", "result.json"] == names(result_file.parent)
    assert 3 == len(capsys.readouterr().out.splitlines())


def test_a_k6_summary_is_a_result_with_holes(tmp_path: Path) -> None:
    """A figure that k6 does not have is null or empty, and is drawn as missing."""
    good = results.good()
    plan = msgspec.structs.replace(good.plan, scenario="k6", generator="k6")
    summary = msgspec.structs.replace(good, plan=plan, players=[], histograms={}, series=[], server=None, machine={})
    write_json(summary, tmp_path / "summary.json")
    assert 0 == main(["report", str(tmp_path / "summary.json"), "--out", str(tmp_path / "out")])
    assert ["ramp.png", "report.html", "report.md"] == names(tmp_path / "out")
    assert "k6 · protocol json" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_a_history_is_drawn_as_its_trend(tmp_path: Path) -> None:
    """By its ending."""
    (tmp_path / "history.jsonl").write_text(line(1), encoding="utf-8")
    assert 0 == main(["report", str(tmp_path / "history.jsonl")])
    assert ["history.jsonl", "trend.html", "trend.md", "trend.png"] == names(tmp_path)


def test_several_results_get_folders_by_their_names(result_file: Path, tmp_path: Path) -> None:
    """A given name, or the name of their folder."""
    write_json(results.bad(), tmp_path / "tuesday.json")
    words = [str(result_file), f"A name={tmp_path / 'tuesday.json'}", "--out", str(tmp_path / "out")]
    assert 0 == main(["report", *words])
    assert ["A name", "monday"] == names(tmp_path / "out")


def test_two_results_in_one_folder_do_not_overwrite_each_other(
    result_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written, and the sentence has the remedy."""
    write_json(results.bad(), result_file.with_name("other.json"))
    assert 2 == main(["report", str(result_file), str(result_file.with_name("other.json"))])
    assert "2 files would be drawn into" in capsys.readouterr().err
    assert ["other.json", "result.json"] == names(result_file.parent)


def test_results_side_by_side_are_one_picture(result_file: Path, tmp_path: Path) -> None:
    """And nothing else is written."""
    target = tmp_path / "pair.png"
    assert 0 == main(["report", f"Flotilla={result_file}", f"Other={result_file}", "--side-by-side", str(target)])
    assert target.read_bytes().startswith(b"\x89PNG")
    assert ["result.json"] == names(result_file.parent)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("result.json", b"{}", "is no result of a load test"),
        ("result.json", b"\x00\xff", "is no result of a load test"),
        ("history.jsonl", b"nonsense", "no line that is a nightly run"),
        ("result.json", None, "cannot be read: No such file"),
        ("history.jsonl", None, "cannot be read: No such file"),
    ],
)
def test_a_wrong_file_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None, sentence: str
) -> None:
    """Exit code 2, no traceback, nothing written."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    before = names(tmp_path)
    assert 2 == main(["report", str(path)])
    error = capsys.readouterr().err
    assert sentence in error
    assert 1 == len(error.splitlines())
    assert before == names(tmp_path)


def test_a_name_is_what_stands_before_the_first_equals_sign(tmp_path: Path) -> None:
    """Unless a file is called that."""
    assert ("A", Path("x/b=c.json")) == (source("A=x/b=c.json").name, source("A=x/b=c.json").path)
    odd = tmp_path / "a=b.json"
    odd.write_text("")
    assert ("a=b", odd) == (source(str(odd)).name, source(str(odd)).path)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
