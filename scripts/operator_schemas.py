"""Strict JSON schemas of the operators' objects that the chart renders, out of the definitions in their Go modules.

`operator_schemas.py FOLDER` writes GROUP/KIND_VERSION.json for kubeconform. The modules come through `go mod download`,
which keeps and verifies them. What no module can be had for has a schema of our own in `tests/helm/schemas`.
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
    """No schemas; the message is one sentence for the person."""


@dataclass(frozen=True, slots=True)
class Module:
    """A Go module, and the files in it that define what the chart renders."""

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
    """Return where Go keeps the module, downloaded if need be. Raises SchemaError."""
    go = shutil.which("go")
    if go is None:
        raise SchemaError("There is no go: install Go 1.24 or newer, whose modules bring the operators' schemas.")
    name = f"{module.path}@{module.version}"
    done = subprocess.run([go, "mod", "download", "-json", name], capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)
    except json.JSONDecodeError:
        found = {"Error": done.stderr.strip()}
    if "Dir" not in found:
        raise SchemaError(f"The Go module {name} cannot be had: {found.get('Error')}.")
    return Path(found["Dir"])


def schemas(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield, for each version of a CustomResourceDefinition, GROUP/KIND_VERSION.json and its strict schema."""
    spec = definition["spec"]
    for version in spec["versions"]:
        kind = spec["names"]["kind"]
        schema = strict(version["schema"]["openAPIV3Schema"])
        schema["properties"]["metadata"] = {"type": "object"}  # the API's own, which the definition leaves out
        yield f"{spec['group']}/{kind.lower()}_{version['name']}.json", schema


def strict(schema: Any) -> Any:
    """Return `schema` in JSON Schema's words, with every name refused that it does not know."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    # Under `properties` the keys are names of fields, which may be words of the schema language, too.
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
    """Write all schemas into `folder`, ours beside theirs. Raises SchemaError."""
    shutil.copytree(OWN, folder, dirs_exist_ok=True)
    for module in MODULES:
        home = folder_of(module)
        for file in module.files:
            for name, schema in schemas(yaml.safe_load((home / file).read_text(encoding="utf-8"))):
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(schema), encoding="utf-8")


def main() -> None:
    """Write into the folder that the argument names."""
    try:
        write(Path(sys.argv[1]))
    except IndexError:
        sys.exit("Name the folder: operator_schemas.py build/chart/schemas")
    except SchemaError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
