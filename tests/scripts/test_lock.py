"""The lock files fit pyproject.toml, and a lock file that does not is refused with the remedy."""

import importlib.util
import json
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_spec = importlib.util.spec_from_file_location("lock", ROOT / "scripts" / "lock.py")
assert _spec is not None
assert _spec.loader is not None
lock = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(lock)

PROJECT = {"requires-python": ">=3.11", "dependencies": ["b", "a"], "optional-dependencies": {"dev": ["c"]}}
DIGEST = lock.digest(PROJECT, development=False)
HEADER = f"# requirements: sha256 {DIGEST}\n"
PIN = "a==1 ; os_name == 'nt' \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    # via b\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what decides whether the lock files fit."""
    for name in ("pyproject.toml", lock.RUNTIME, lock.DEVELOPMENT):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "frontend").mkdir()
    shutil.copy(ROOT / lock.FRONTEND, tmp_path / lock.FRONTEND)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_lock_files_of_this_tree_fit() -> None:
    """Both files were made from this pyproject.toml, pin by hash, and name no host."""
    lock.check(ROOT)


def test_the_lock_files_name_no_place() -> None:
    """No address and no path of the machine that made them is in the lock files."""
    for name in (lock.RUNTIME, lock.DEVELOPMENT):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert [] == re.findall(r"://.*|(?:^|\s)/\w.*|--(?:index|extra|find|trusted).*", text)


def test_a_changed_requirement_is_drift(tree: Path) -> None:
    """A requirement that the old pins happen to satisfy is noticed all the same."""
    edit(tree / "pyproject.toml", '"numpy>=2.2"', '"numpy>=2.1"')

    with pytest.raises(
        lock.LockError, match=r"requirements.lock was not made from this pyproject.toml: run `make lock`"
    ):
        lock.check(tree)


def test_a_changed_tool_is_drift_of_the_development_file_only(tree: Path) -> None:
    """The image's lock file does not change with our tools."""
    edit(tree / "pyproject.toml", '"mypy>=', '"mypy>')

    with pytest.raises(lock.LockError, match=r"^requirements-dev.lock was not made"):
        lock.check(tree)


def test_a_pin_that_differs_between_the_files_is_drift(tree: Path) -> None:
    """What is tested is what is shipped."""
    edit(tree / lock.DEVELOPMENT, "numpy==", "numpy==0.")

    with pytest.raises(lock.LockError, match=r"pins another numpy"):
        lock.check(tree)


def test_the_digest_ignores_order() -> None:
    """Sorting the requirements is not drift."""
    assert DIGEST == lock.digest(PROJECT | {"dependencies": ["a", "b"]}, development=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PIN, "was not made from"),
        (HEADER + PIN + "# from https://index.example\n", "names an address"),
        (HEADER + PIN + "c==2\n", "not a hashed pin"),
        (HEADER + "a>=1 --hash=sha256:00\n", "not a hashed pin"),
        (HEADER + PIN + "--index-url example\n", "not a hashed pin"),
    ],
)
def test_an_unsafe_file_is_refused(text: str, message: str) -> None:
    """Only hashed pins of the right requirements are installed from."""
    with pytest.raises(lock.LockError, match=message):
        lock.verify("x.lock", text, DIGEST)


def test_a_hashed_pin_is_accepted() -> None:
    """Markers, several hashes and comments are as pip and uv write them."""
    lock.verify("x.lock", HEADER + PIN, DIGEST)

    assert {"a": {"1"}} == lock.pins(HEADER + PIN)


def test_an_address_in_the_front_ends_file_is_refused(tree: Path) -> None:
    """Where to send money, as npm writes it, names hosts; the project's files name none."""
    funded = {"packages": {"a": {"version": "1", "funding": {"url": "https://money.example"}}}}
    (tree / lock.FRONTEND).write_text(json.dumps(funded))
    with pytest.raises(lock.LockError, match="names an address"):
        lock.check(tree)

    cleaned = lock.without_addresses(json.dumps(funded))

    assert {"packages": {"a": {"version": "1"}}} == json.loads(cleaned)
