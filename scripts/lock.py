"""Generates and checks the lock files, which pin the requirements of pyproject.toml by version and hash.

`lock.py` regenerates them and keeps valid pins. `lock.py --upgrade` updates all pins to the newest versions.
`lock.py --check` checks, without a network, that they match pyproject.toml.

Each file contains a digest of its requirements. The check therefore also finds a changed requirement that an old pin
satisfies.
"""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = "requirements.lock"
DEVELOPMENT = "requirements-dev.lock"  # the runtime's pins and the development tools
FRONTEND = "frontend/package-lock.json"

_HEADER = "# Made by `make lock` from pyproject.toml; do not edit.\n# requirements: sha256 {digest}\n"
_DIGEST = re.compile(r"^# requirements: sha256 ([0-9a-f]{64})$", re.MULTILINE)
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")


class LockError(Exception):
    """A lock file is invalid. The message names the remedy."""


def digest(project: dict[str, Any], *, development: bool) -> str:
    """Return the SHA-256 of the supported Python version and the sorted requirements."""
    requirements = sorted(project["dependencies"])
    extra = sorted(name for names in project["optional-dependencies"].values() for name in names) if development else []
    return hashlib.sha256(json.dumps([project["requires-python"], requirements, extra]).encode()).hexdigest()


def logical_lines(text: str) -> Iterator[str]:
    """Yield non-empty lines without comments, with continued lines joined."""
    uncommented = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    yield from filter(None, map(str.strip, uncommented.replace("\\\n", " ").splitlines()))


def pins(text: str) -> dict[str, set[str]]:
    """Return the versions of each package. A package has several versions only with different markers."""
    found: dict[str, set[str]] = {}
    for match in filter(None, map(_PIN.match, logical_lines(text))):
        found.setdefault(match[1], set()).add(match[2])
    return found


def verify(name: str, text: str, expected: str) -> None:
    """Raises LockError if a line is not a hashed pin, a line contains a URL, or the digest is not `expected`."""
    stated = _DIGEST.search(text)
    if stated is None or stated[1] != expected:
        raise LockError(f"{name} does not match pyproject.toml: run `make lock` and commit the result.")
    if "://" in text:
        raise LockError(f"{name} contains a URL, and would only install where that is reachable: run `make lock`.")
    for line in logical_lines(text):
        if not _PIN.match(line) or "--hash=sha256:" not in line:
            raise LockError(f"{name} contains a line that is not a hashed pin ({line[:60]}): run `make lock`.")


def check(root: Path) -> None:
    """Raises LockError if a lock file does not match pyproject.toml or the other one, or contains a URL."""
    project = _project(root)
    texts = {name: (root / name).read_text(encoding="utf-8") for name in (RUNTIME, DEVELOPMENT)}
    for name, text in texts.items():
        verify(name, text, digest(project, development=name == DEVELOPMENT))
    runtime, development = pins(texts[RUNTIME]), pins(texts[DEVELOPMENT])
    for name in runtime:
        if runtime[name] != development.get(name):
            raise LockError(f"{DEVELOPMENT} and {RUNTIME} pin different versions of {name}: run `make lock`.")
    if "://" in (root / FRONTEND).read_text(encoding="utf-8"):
        raise LockError(f"{FRONTEND} contains a URL: run `make lock`.")


def without_addresses(text: str) -> str:
    """Return the text of a package-lock.json without the URLs of funding pages, which npm adds."""
    lock = json.loads(text)
    for package in lock["packages"].values():
        package.pop("funding", None)
    return json.dumps(lock, indent=2, ensure_ascii=False) + "\n"


def make(root: Path, *, upgrade: bool) -> None:
    """Write Python's lock files, which needs the package index, and remove URLs from npm's lock file."""
    frontend = root / FRONTEND
    frontend.write_text(without_addresses(frontend.read_text(encoding="utf-8")), encoding="utf-8")
    for name, options in ((RUNTIME, []), (DEVELOPMENT, ["--extra=dev", f"--constraint={RUNTIME}"])):
        _compile(root, name, [*options, "--upgrade"] if upgrade else options)
        header = _HEADER.format(digest=digest(_project(root), development=name == DEVELOPMENT))
        path = root / name
        path.write_text(header + path.read_text(encoding="utf-8"), encoding="utf-8")


def _compile(root: Path, output: str, options: list[str]) -> None:
    # One version per package for every Python, so that all run the same numpy and mypy reads the same stubs.
    fixed = ["--universal", "--fork-strategy=fewest", "--generate-hashes", "--no-header", "--quiet", "--no-config"]
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", f"--output-file={output}"]
    subprocess.run(
        [*command, *fixed, "--python-version=3.11", *options], cwd=root, check=True, stdout=subprocess.DEVNULL
    )


def _project(root: Path) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def main(arguments: list[str]) -> int:
    try:
        if "--check" in arguments:
            check(ROOT)
        else:
            make(ROOT, upgrade="--upgrade" in arguments)
    except LockError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
