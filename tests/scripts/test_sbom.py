"""The bill of materials names what is there, and its check finds what is not."""

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
    """A bill with these packages, for Python 3.13 on Linux."""
    properties = [{"name": sbom.MARKER + name, "value": text} for name, text in PYTHON.items()]
    bill = {"metadata": {"properties": properties}, "components": [{"purl": purl} for purl in purls]}
    path = tmp_path / "bill.json"
    path.write_text(json.dumps(bill), encoding="utf-8")
    return path


def locked() -> set[str]:
    """What the lock files of the project name for that Python."""
    properties = [{"name": sbom.MARKER + name, "value": text} for name, text in PYTHON.items()]
    found: set[str] = sbom._locked({"metadata": {"properties": properties}})
    return found


def test_a_bill_has_both_worlds() -> None:
    """What is shipped is told from what only builds, and each package has its licence."""
    bill: dict[str, Any] = sbom.bill([distribution("msgspec")], PYTHON, {"components": [VITE, REACT]})
    npm, vite, python = bill["components"]
    assert ("required", "excluded") == (npm["scope"], vite["scope"])
    assert f"pkg:pypi/msgspec@{distribution('msgspec').version}" == python["purl"]
    assert python["licenses"]


def test_the_same_packages_give_the_same_bill() -> None:
    """In any order."""
    packages = [distribution("msgspec"), distribution("numpy")]
    one = sbom.bill(packages, PYTHON, {"components": [VITE, REACT]})
    assert one == sbom.bill(packages[::-1], PYTHON, {"components": [REACT, VITE]})


def test_the_lock_files_name_what_counts_for_this_python() -> None:
    """Not what is for Windows or for PyPy."""
    names = {purl.rpartition("@")[0] for purl in locked()}
    assert {"pkg:pypi/django", "pkg:pypi/zope-interface", "pkg:npm/react", "pkg:npm/%40r2wc/core"} <= names
    assert set() == {"pkg:pypi/tzdata", "pkg:pypi/u-msgpack-python", "pkg:pypi/async-timeout"} & names


def test_a_bill_with_all_of_them_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And says how many there are."""
    assert 0 == sbom.main(["check", str(written(tmp_path, locked() | {"pkg:pypi/flotilla@0.1.0"}))])
    assert "all entries of both lock files" in capsys.readouterr().out


@pytest.mark.parametrize("world", ["pkg:pypi/", "pkg:npm/"])
def test_a_bill_that_lacks_one_fails_and_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], world: str
) -> None:
    """Whichever it is."""
    lost = min(purl for purl in locked() if purl.startswith(world))
    assert 1 == sbom.main(["check", str(written(tmp_path, locked() - {lost}))])
    assert f"lacks {lost}, which a lock file names.\n" in capsys.readouterr().err
