"""sbom.py lists all packages, and its check finds missing ones."""

import importlib.util
import json
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

_spec = importlib.util.spec_from_file_location("sbom", ROOT / "scripts" / "sbom.py")
assert _spec is not None
assert _spec.loader is not None
sbom = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sbom)

PYTHON = {
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "python_full_version": "3.13.0",
    "python_version": "3.13",
    "sys_platform": "linux",
}
REACT = {"type": "library", "name": "react", "version": "18.3.1", "purl": "pkg:npm/react@18.3.1", "bom-ref": "x"}
VITE = {
    **REACT,
    "name": "vite",
    "purl": "pkg:npm/vite@8.3.8",
    "properties": [{"name": "cdx:npm:package:development", "value": "true"}],
}


def written(tmp_path: Path, purls: set[str]) -> Path:
    """Write an SBOM with these packages for Python 3.13 on Linux."""
    properties = [{"name": sbom.MARKER + name, "value": text} for name, text in PYTHON.items()]
    bill = {"metadata": {"properties": properties}, "components": [{"purl": purl} for purl in purls]}
    path = tmp_path / "bill.json"
    path.write_text(json.dumps(bill), encoding="utf-8")
    return path


def locked() -> set[str]:
    """Return the entries of the lock files for Python 3.13 on Linux."""
    properties = [{"name": sbom.MARKER + name, "value": text} for name, text in PYTHON.items()]
    found: set[str] = sbom._locked({"metadata": {"properties": properties}})
    return found


def test_an_sbom_has_python_and_npm_packages() -> None:
    """Development packages of npm are excluded, and packages have their licences."""
    bill: dict[str, Any] = sbom.bill([distribution("msgspec")], PYTHON, {"components": [VITE, REACT]})
    npm, vite, python = bill["components"]
    assert ("required", "excluded") == (npm["scope"], vite["scope"])
    assert f"pkg:pypi/msgspec@{distribution('msgspec').version}" == python["purl"]
    assert python["licenses"]


def test_the_same_packages_give_the_same_sbom() -> None:
    """The order of packages does not matter."""
    packages = [distribution("msgspec"), distribution("numpy")]
    one = sbom.bill(packages, PYTHON, {"components": [VITE, REACT]})
    assert one == sbom.bill(packages[::-1], PYTHON, {"components": [REACT, VITE]})


def test_only_lock_entries_for_this_python_count() -> None:
    """Entries for Windows or PyPy are ignored."""
    names = {purl.rpartition("@")[0] for purl in locked()}
    assert {"pkg:pypi/django", "pkg:pypi/zope-interface", "pkg:npm/react", "pkg:npm/%40r2wc/core"} <= names
    assert set() == {"pkg:pypi/tzdata", "pkg:pypi/u-msgpack-python", "pkg:pypi/async-timeout"} & names


def test_a_complete_sbom_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The output contains the number of packages."""
    assert 0 == sbom.main(["check", str(written(tmp_path, locked() | {"pkg:pypi/flotilla@0.1.0"}))])
    assert f": {len(locked()) + 1} packages, including all entries of both lock files" in capsys.readouterr().out


@pytest.mark.parametrize("world", ["pkg:pypi/", "pkg:npm/"])
def test_an_sbom_without_a_package_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str], world: str) -> None:
    """The message names the missing package, of Python or of npm."""
    lost = min(purl for purl in locked() if purl.startswith(world))
    assert 1 == sbom.main(["check", str(written(tmp_path, locked() - {lost}))])
    assert f"lacks {lost}, which is in a lock file.\n" in capsys.readouterr().err
