"""previous_assets.py copies the hashed files of the previous version and nothing else."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def root(folder: Path, files: dict[str, str], manifest: Any) -> Path:
    """Return a static root with these files and this manifest."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if manifest is not None:
        (folder / "staticfiles.json").write_text(json.dumps({"paths": manifest}), encoding="utf-8")
    return folder


def carry(previous: Path, current: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, ROOT / "scripts" / "previous_assets.py", previous, current]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def files(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != "staticfiles.json")
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in paths}


@pytest.fixture
def current(tmp_path: Path) -> Path:
    """Return the static root of the new version."""
    own = {"game/a.js": "new", "game/a.222.js": "new", "web/b.css": "same", "web/b.111.css": "same"}
    return root(tmp_path / "current", own, {"game/a.js": "game/a.222.js", "web/b.css": "web/b.111.css"})


def test_hashed_files_are_copied_with_their_compressed_forms(tmp_path: Path, current: Path) -> None:
    """Files without a hash and files of even older versions are not copied."""
    old = {
        "game/a.js": "old",
        "game/a.111.js": "old",
        "game/a.111.js.gz": "old, compressed",
        "game/a.000.js": "older",
        "web/b.css": "same",
        "web/b.111.css": "other",
        "web/plain.txt": "old",
    }
    manifest = {"game/a.js": "game/a.111.js", "web/b.css": "web/b.111.css", "web/plain.txt": "web/plain.txt"}
    before = files(current)
    names = (current / "staticfiles.json").read_bytes()
    done = carry(root(tmp_path / "previous", old, manifest), current)
    assert (0, "2 files of the previous version added.\n") == (done.returncode, done.stdout)
    assert before | {"game/a.111.js": "old", "game/a.111.js.gz": "old, compressed"} == files(current)
    assert names == (current / "staticfiles.json").read_bytes()


def test_the_first_version_copies_nothing(tmp_path: Path, current: Path) -> None:
    """An empty folder is not an error."""
    before = files(current)
    (tmp_path / "previous").mkdir()
    done = carry(tmp_path / "previous", current)
    assert (0, "0 files of the previous version added.\n") == (done.returncode, done.stdout)
    assert before == files(current)


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        {"a.js": "a.111.js", "b.js": "../../etc/a.111.js"},
        {"a.js": "a.111.js", "b.js": "/etc/a.111.js"},
        {"a.js": "a.111.js", "b.js": None},
        ["a.111.js"],
    ],
    ids=["none", "up", "absolute", "no name", "a list"],
)
def test_a_folder_that_is_not_a_static_root_is_refused(tmp_path: Path, current: Path, manifest: Any) -> None:
    """The message is one sentence, and nothing is copied."""
    before = files(current)
    done = carry(root(tmp_path / "previous", {"a.js": "old", "a.111.js": "old"}, manifest), current)
    assert 1 == done.returncode
    assert "is not a static root of Flotilla" in done.stderr
    assert "Traceback" not in done.stderr
    assert before == files(current)
