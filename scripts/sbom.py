"""Writes and checks the image's software bill of materials (SBOM) in CycloneDX format.

    sbom.py write NPM_SBOM      print the SBOM of this Python's packages and of the output of `npm sbom`
    sbom.py check FILE          fail if FILE lacks entries of the lock files

The output is reproducible: it contains no time and no random number. Packages of the base image are not included.
"""

import json
import platform
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

ROOT: Final = Path(__file__).resolve().parent.parent
MARKER: Final = "flotilla:python:"  # prefix of properties with the environment markers of the installing Python
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]+?))?\s*\\?$")


def main(words: list[str]) -> int:
    """Run the subcommand. Return 1 and print the missing packages if the check fails."""
    if words[0] == "write":
        npm = json.loads(Path(words[1]).read_text(encoding="utf-8"))
        json.dump(bill(distributions(), _environment(), npm), sys.stdout, indent=2, sort_keys=True)
        return 0
    found = json.loads(Path(words[1]).read_text(encoding="utf-8"))
    missing = sorted(_locked(found) - {component["purl"] for component in found["components"]})
    for purl in missing:
        print(f"{words[1]} lacks {purl}, which is in a lock file.", file=sys.stderr)
    if not missing:
        print(f"{words[1]}: {len(found['components'])} packages, including all entries of both lock files")
    return 1 if missing else 0


def bill(installed: Iterable[Distribution], python: Mapping[str, str], npm: Mapping[str, Any]) -> dict[str, Any]:
    """Return the SBOM. `python` are the environment markers of the installing Python."""
    components = [*map(_python, installed), *map(_javascript, npm["components"])]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": "flotilla", "bom-ref": "flotilla"},
            "properties": [{"name": MARKER + name, "value": python[name]} for name in sorted(python)],
        },
        "components": sorted(components, key=lambda component: str(component["purl"])),
    }


def _environment() -> dict[str, str]:
    return {
        "implementation_name": sys.implementation.name,
        "platform_python_implementation": platform.python_implementation(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def _python(installed: Distribution) -> dict[str, Any]:
    name = installed.metadata["Name"]
    purl = _pypi(name, installed.version)
    found = {"type": "library", "name": name, "version": installed.version, "purl": purl, "bom-ref": purl}
    return {**found, **_licences(installed)}


def _licences(installed: Distribution) -> dict[str, Any]:
    expression, name = installed.metadata.get("License-Expression"), installed.metadata.get("License", "").strip()
    classifiers = installed.metadata.get_all("Classifier", ())
    classes = [text.rpartition(" :: ")[2] for text in classifiers if text.startswith("License :: ")]
    if expression:
        return {"licenses": [{"expression": expression}]}
    names = [name] if name and "\n" not in name else classes  # some packages put the whole licence text there
    return {"licenses": [{"license": {"name": found}} for found in names]} if names else {}


def _javascript(component: Mapping[str, Any]) -> dict[str, Any]:
    """Return npm's component. Development dependencies are not shipped and get the scope `excluded`."""
    kept = ("type", "name", "version", "purl", "licenses", "hashes")
    builds = any(found["name"] == "cdx:npm:package:development" for found in component.get("properties", ()))
    found = {name: component[name] for name in kept if name in component}
    return {**found, "bom-ref": component["purl"], "scope": "excluded" if builds else "required"}


def _locked(found: Mapping[str, Any]) -> set[str]:
    python = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    javascript = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    properties = found["metadata"]["properties"]
    environment = {entry["name"].removeprefix(MARKER): entry["value"] for entry in properties}
    return {*_python_pins(python, environment), *_javascript_pins(javascript)}


def _python_pins(lock: str, environment: dict[str, str]) -> Iterator[str]:
    from packaging.markers import Marker  # noqa: PLC0415  # only the check runs where packaging is installed

    for line in lock.splitlines():
        pin = _PIN.match(line)
        if pin and (pin["marker"] is None or Marker(pin["marker"]).evaluate(environment)):
            yield _pypi(pin["name"], pin["version"])


def _javascript_pins(lock: Mapping[str, Any]) -> Iterator[str]:
    for path, package in lock["packages"].items():
        if path:  # the first entry is the front end itself
            name = package.get("name") or path.rpartition("node_modules/")[2]
            yield f"pkg:npm/{quote(name, safe='/')}@{package['version']}"


def _pypi(name: str, version: str) -> str:
    return f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
