"""The schemas of operators' objects refuse what the operators' own definitions do not know."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

_spec = importlib.util.spec_from_file_location("operator_schemas", ROOT / "scripts" / "operator_schemas.py")
assert _spec is not None
assert _spec.loader is not None
operator_schemas = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(operator_schemas)

DEFINITION = {
    "spec": {
        "group": "example.org",
        "names": {"kind": "Boat"},
        "versions": [{"name": "v1", "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {}}}}}],
    }
}


@pytest.mark.parametrize(
    ("schema", "made"),
    [
        (
            {"type": "object", "properties": {"a": {"type": "string"}}},
            {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False},
        ),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            {"type": "object", "additionalProperties": {"type": "string"}},
        ),
        (
            {"type": "object", "properties": {"a": {}}, "x-kubernetes-preserve-unknown-fields": True},
            {"type": "object", "properties": {"a": {}}},
        ),
        ({"x-kubernetes-int-or-string": True}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ({"type": "object", "properties": {"x-kubernetes-name": {"type": "string"}}}, None),
    ],
)
def test_a_schema_becomes_strict(schema: dict[str, Any], made: dict[str, Any] | None) -> None:
    """Unknown names are refused where the definition lists names; a field may be called like a word of the language."""
    found = operator_schemas.strict(schema)
    assert (made or {**schema, "additionalProperties": False}) == found


def test_a_definition_gives_a_schema_for_each_version() -> None:
    """Under the name by which kubeconform asks; what the API adds to every object is allowed."""
    ((name, schema),) = operator_schemas.schemas(DEFINITION)
    assert "example.org/boat_v1.json" == name
    assert {"type": "object"} == schema["properties"]["metadata"]
    assert schema["additionalProperties"] is False


def test_without_go_the_remedy_is_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One sentence."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(operator_schemas.SchemaError, match="There is no go: install"):
        operator_schemas.folder_of(operator_schemas.MODULES[0])


def test_a_module_that_cannot_be_had_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With what go says."""
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\nprintf '%s' '{\"Error\": \"not found\"}'\nexit 1\n", encoding="utf-8")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(operator_schemas.SchemaError, match=r"gateway-api@v[\d.]+ cannot be had: not found"):
        operator_schemas.folder_of(operator_schemas.MODULES[0])


def test_our_own_schemas_are_strict() -> None:
    """Those of operators whose modules cannot be had refuse unknown names, too."""
    paths = list(operator_schemas.OWN.rglob("*.json"))
    assert paths
    for path in paths:
        schema = json.loads(path.read_text(encoding="utf-8"))
        assert schema["additionalProperties"] is False
        assert schema["properties"]["spec"]["additionalProperties"] is False
