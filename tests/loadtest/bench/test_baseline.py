"""loadtest/bench/baseline.py: a report survives in a file, and a wrong file is one sentence."""

from pathlib import Path

import pytest

from loadtest.bench import baseline
from loadtest.measure.result import write_json
from loadtest.outcome import CannotRunError
from tests.loadtest.bench.steps import report_of


def test_a_report_survives_being_kept(tmp_path: Path) -> None:
    """A reader gets the report that was written."""
    kept = report_of({"ours": 2000, "node": 2000})
    write_json(kept, tmp_path / "deep" / "capacity.json")

    assert kept == baseline.read(tmp_path / "deep" / "capacity.json")


@pytest.mark.parametrize("text", ["{}", "[", '{"schema": 99}'])
def test_a_baseline_that_does_not_fit_is_a_sentence(tmp_path: Path, text: str) -> None:
    """No traceback for a damaged or foreign file."""
    (tmp_path / "capacity.json").write_text(text)

    with pytest.raises(CannotRunError, match=r"capacity\.json"):
        baseline.read(tmp_path / "capacity.json")


def test_a_missing_baseline_is_reported_with_the_way_to_make_one(tmp_path: Path) -> None:
    """The remedy is in the message."""
    with pytest.raises(CannotRunError, match="--write-baseline"):
        baseline.read(tmp_path / "capacity.json")
