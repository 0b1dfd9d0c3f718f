"""The lock files match pyproject.toml, and lock.py refuses others with the remedy."""

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
    """Return a copy of the lock files and of pyproject.toml."""
    for name in ("pyproject.toml", lock.RUNTIME, lock.DEVELOPMENT):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "frontend").mkdir()
    shutil.copy(ROOT / lock.FRONTEND, tmp_path / lock.FRONTEND)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_lock_files_match() -> None:
    """They match pyproject.toml, pin by hash and contain no URL."""
    lock.check(ROOT)


def test_the_lock_files_contain_no_locations() -> None:
    """They contain no URL, no path and no index option."""
    for name in (lock.RUNTIME, lock.DEVELOPMENT):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert [] == re.findall(r"://.*|(?:^|\s)/\w.*|--(?:index|extra|find|trusted).*", text)


def test_a_changed_requirement_is_refused(tree: Path) -> None:
    """It is refused even if the old pins satisfy it."""
    edit(tree / "pyproject.toml", '"numpy>=2.2"', '"numpy>=2.1"')

    with pytest.raises(lock.LockError, match=r"^requirements.lock does not match pyproject.toml: run `make lock`"):
        lock.check(tree)


def test_a_changed_tool_only_affects_the_development_file(tree: Path) -> None:
    """The image's lock file does not change with development tools."""
    edit(tree / "pyproject.toml", '"mypy>=', '"mypy>')

    with pytest.raises(lock.LockError, match=r"^requirements-dev.lock does not match"):
        lock.check(tree)


def test_different_pins_in_the_two_files_are_refused(tree: Path) -> None:
    """Tests run with the packages that are shipped."""
    edit(tree / lock.DEVELOPMENT, "numpy==", "numpy==0.")

    with pytest.raises(lock.LockError, match=r"pin different versions of numpy"):
        lock.check(tree)


def test_the_digest_ignores_order() -> None:
    """Another order of requirements is no change."""
    assert DIGEST == lock.digest(PROJECT | {"dependencies": ["a", "b"]}, development=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PIN, "does not match pyproject.toml"),
        (HEADER + PIN + "# from https://index.example\n", "contains a URL"),
        (HEADER + PIN + "c==2\n", "not a hashed pin"),
        (HEADER + "a>=1 --hash=sha256:00\n", "not a hashed pin"),
        (HEADER + PIN + "--index-url example\n", "not a hashed pin"),
    ],
)
def test_an_unsafe_file_is_refused(text: str, message: str) -> None:
    """Only hashed pins of the current requirements are accepted."""
    with pytest.raises(lock.LockError, match=message):
        lock.verify("x.lock", text, DIGEST)


def test_a_hashed_pin_is_accepted() -> None:
    """Markers, several hashes and comments have the form of pip and uv."""
    lock.verify("x.lock", HEADER + PIN, DIGEST)

    assert {"a": {"1"}} == lock.pins(HEADER + PIN)


def test_a_url_in_npms_lock_file_is_refused(tree: Path) -> None:
    """Npm writes URLs of funding pages, and lock.py removes them."""
    funded = {"packages": {"a": {"version": "1", "funding": {"url": "https://money.example"}}}}
    (tree / lock.FRONTEND).write_text(json.dumps(funded))
    with pytest.raises(lock.LockError, match="contains a URL"):
        lock.check(tree)

    cleaned = lock.without_addresses(json.dumps(funded))

    assert {"packages": {"a": {"version": "1"}}} == json.loads(cleaned)
