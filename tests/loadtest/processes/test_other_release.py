"""loadtest.processes.other_release: another release, made from this one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import __version__
from app.wire.formats import FORMAT, PREVIOUS
from loadtest.processes import other_release

VERSIONS = "from app import __version__; from app.wire import formats as f; print(__version__, f.FORMAT, f.PREVIOUS)"
ASSETS = ("web/static/flotilla/flotilla-game.js", "web/static/web/site.css")


def versions(folder: Path) -> list[str]:
    """Return version and formats of the release in `folder`, from another process: this one has an `app` already."""
    command = [sys.executable, "-P", "-c", VERSIONS]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(("steps", "called"), [(-1, "previous"), (1, "1")])
def test_it_is_the_same_program_with_another_format(steps: int, called: str, tmp_path: Path) -> None:
    """One step lower or higher, and its version has that step."""
    folder = other_release.write(tmp_path / "other", steps)
    assert [f"{__version__}+{called}", str(FORMAT + steps), str(PREVIOUS + steps)] == versions(folder)


def test_its_assets_differ(tmp_path: Path) -> None:
    """So their names, which have a hash, differ, too. All other files are the same."""
    ours, theirs = Path(other_release.app.__file__).parent, other_release.write(tmp_path) / "app"
    files = {path.relative_to(ours).as_posix() for path in ours.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert files == {path.relative_to(theirs).as_posix() for path in theirs.rglob("*") if path.is_file()}
    changed = {name for name in files if (ours / name).read_bytes() != (theirs / name).read_bytes()}
    assert {"__init__.py", "wire/formats.py", *ASSETS} == changed


def test_a_program_that_cannot_be_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern without a match is an error, not an unchanged release."""
    path, _ = other_release._FORMAT
    monkeypatch.setattr(other_release, "_FORMAT", (path, r"^VERSION = \d+"))
    with pytest.raises(ValueError, match=r"formats\.py must have exactly one match"):
        other_release.write(tmp_path)
