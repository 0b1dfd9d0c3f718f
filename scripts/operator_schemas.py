"""Generates strict JSON schemas of custom resources that the chart renders, from the operators' Go modules.

`operator_schemas.py FOLDER` writes GROUP/KIND_VERSION.json for kubeconform. `go mod download` downloads, verifies and
caches the modules. `tests/helm/schemas` has handwritten schemas for resources without a module.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parent.parent
OWN: Final = ROOT / "tests" / "helm" / "schemas"


class SchemaError(Exception):
    """The schemas could not be generated. The message is shown to the user."""


@dataclass(frozen=True, slots=True)
class Module:
    """A Go module and its files with CustomResourceDefinitions."""

    path: str
    version: str
    files: tuple[str, ...]


MODULES: Final = (
    Module(
        "sigs.k8s.io/gateway-api",
        "v1.6.3",
        ("config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",),
    ),
    Module(
        "github.com/prometheus-operator/prometheus-operator",
        "v0.85.0",
        tuple(
            f"example/prometheus-operator-crd/monitoring.coreos.com_{kinds}.yaml"
            for kinds in ("podmonitors", "servicemonitors", "prometheusrules")
        ),
    ),
    Module("github.com/kedacore/keda/v2", "v2.21.0", ("config/crd/bases/keda.sh_scaledobjects.yaml",)),
    Module(
        "github.com/cert-manager/cert-manager",
        "v1.21.2",
        tuple(f"deploy/crds/cert-manager.io_{kinds}.yaml" for kinds in ("certificates", "clusterissuers")),
    ),
)


def folder_of(module: Module) -> Path:
    """Return the folder of the module in Go's cache; download it if necessary. Raises SchemaError."""
    go = shutil.which("go")
    if go is None:
        raise SchemaError("go is missing: install Go 1.24 or newer, which downloads the operators' schemas.")
    name = f"{module.path}@{module.version}"
    done = subprocess.run([go, "mod", "download", "-json", name], capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)
    except json.JSONDecodeError:
        found = {"Error": done.stderr.strip()}
    if "Dir" not in found:
        raise SchemaError(f"The Go module {name} could not be downloaded: {found.get('Error')}.")
    return Path(found["Dir"])


def schemas(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the file name GROUP/KIND_VERSION.json and the strict schema of each version of a definition."""
    spec = definition["spec"]
    for version in spec["versions"]:
        kind = spec["names"]["kind"]
        schema = strict(version["schema"]["openAPIV3Schema"])
        schema["properties"]["metadata"] = {"type": "object"}  # defined by the API, not by the definition
        yield f"{spec['group']}/{kind.lower()}_{version['name']}.json", schema


def strict(schema: Any) -> Any:
    """Return the OpenAPI `schema` as JSON Schema that refuses unknown fields."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    # Keys of `properties` are field names, which may equal keywords of JSON Schema.
    made = {
        key: {name: strict(each) for name, each in value.items()} if key == "properties" else strict(value)
        for key, value in schema.items()
        if not key.startswith("x-kubernetes-")
    }
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
        made.setdefault("anyOf", [{"type": "integer"}, {"type": "string"}])
    open_ended = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if schema.get("type") == "object" and "properties" in schema and not open_ended:
        made["additionalProperties"] = False
    return made


def write(folder: Path) -> None:
    """Write the operators' schemas and the handwritten ones into `folder`. Raises SchemaError."""
    shutil.copytree(OWN, folder, dirs_exist_ok=True)
    for module in MODULES:
        home = folder_of(module)
        for file in module.files:
            for name, schema in schemas(yaml.safe_load((home / file).read_text(encoding="utf-8"))):
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(schema), encoding="utf-8")


def main() -> None:
    try:
        write(Path(sys.argv[1]))
    except IndexError:
        sys.exit("Usage: operator_schemas.py FOLDER")
    except SchemaError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
