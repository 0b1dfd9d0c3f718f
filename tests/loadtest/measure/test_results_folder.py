from datetime import UTC, datetime
from pathlib import Path

import pytest

from loadtest.measure.results_folder import dated, prepared
from loadtest.outcome import CannotRunError


def test_an_empty_folder_is_removed(tmp_path: Path) -> None:
    """With the parents that were created for it."""
    with prepared(tmp_path / "a" / "b") as folder:
        assert folder.is_dir()
    assert [] == list(tmp_path.iterdir())


def test_a_result_stays(tmp_path: Path) -> None:
    """Another test cannot overwrite it."""
    with prepared(tmp_path / "a") as folder:
        (folder / "result.json").write_text("{}")
    with pytest.raises(CannotRunError, match=r"already has a result\.json"), prepared(tmp_path / "a"):
        pass
    assert (tmp_path / "a" / "result.json").exists()


def test_an_unusable_folder_is_reported_before_the_load(tmp_path: Path) -> None:
    """A file where a folder should be, and a file system that holds no files."""
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "results", Path("/proc/self/results")):
        with pytest.raises(CannotRunError, match="Results cannot be written to"), prepared(place):
            pass


def test_folders_sort_by_date() -> None:
    """And name the scenario."""
    assert Path("loadtest-results/2026-01-02T03-04-05-ramp") == dated("ramp", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
