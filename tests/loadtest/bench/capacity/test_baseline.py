from pathlib import Path

import pytest

from loadtest.bench.capacity import baseline
from loadtest.bench.capacity.__main__ import main
from loadtest.bench.capacity.figures import Report
from tests.loadtest.bench.capacity.steps import NOT_CALIBRATED, report_of

KEPT = report_of({"ours": 2000, "node": 2000, "picows": 2000, "uvicorn": 1000, "textbook": 20})


def lost(ours: int) -> list[str]:
    fresh = report_of({"ours": ours, "node": 2000, "picows": 2000, "uvicorn": 1000, "textbook": 20})
    return [sentence.split()[3] for sentence in baseline.losses(KEPT, fresh)]


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        (2400, []),
        (1810, []),
        (1790, ["node", "picows", "uvicorn"]),
        (1390, ["node", "picows", "uvicorn", "textbook"]),
    ],
)
def test_a_loss_of_more_than_is_allowed_is_named(ours: int, expected: list[str]) -> None:
    """10 % to the native servers and uvicorn, 30 % to the textbook."""
    assert expected == lost(ours)


def test_a_ratio_that_is_no_longer_measured_is_a_loss() -> None:
    """Leaving a server out does not hide what it would show."""
    fresh = report_of({"ours": 2000, "node": 2000})

    assert 3 == len(list(baseline.losses(KEPT, fresh)))


def test_a_report_survives_being_kept(tmp_path: Path) -> None:
    """What is read is what was written."""
    baseline.write(KEPT, tmp_path / "deep" / "capacity.json")

    assert KEPT == baseline.read(tmp_path / "deep" / "capacity.json")


@pytest.mark.parametrize("text", ["{}", "[", '{"schema": 99}'])
def test_a_baseline_that_does_not_fit_is_a_sentence(tmp_path: Path, text: str) -> None:
    """No traceback for a damaged or foreign file."""
    (tmp_path / "capacity.json").write_text(text)

    with pytest.raises(baseline.BaselineError, match=r"capacity\.json"):
        baseline.read(tmp_path / "capacity.json")


def test_a_missing_baseline_says_how_to_make_one(tmp_path: Path) -> None:
    """The remedy is in the message."""
    with pytest.raises(baseline.BaselineError, match="--write-baseline"):
        baseline.read(tmp_path / "capacity.json")


@pytest.mark.parametrize(
    ("fresh", "code"),
    [
        (KEPT, 0),
        (report_of({"ours": 1700, "node": 2000, "picows": 2000, "uvicorn": 1000, "textbook": 20}), 1),
        (report_of({"ours": 2000, "node": 2000}, calibration=NOT_CALIBRATED), 2),
    ],
)
def test_the_check_passes_fails_or_is_inconclusive(tmp_path: Path, fresh: Report, code: int) -> None:
    """By exit code: 0, 1 for a loss, 2 where nothing was proved."""
    kept, found = tmp_path / "kept.json", tmp_path / "found.json"
    baseline.write(KEPT, kept)
    baseline.write(fresh, found)

    assert code == main(["--check", "--baseline", str(kept), "--report", str(found)])
