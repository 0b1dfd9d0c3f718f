"""The generated schemas refuse fields that the operators' definitions do not have."""

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
    """Unknown fields are refused if the definition lists fields. A field may have the name of a keyword."""
    found = operator_schemas.strict(schema)
    assert (made or {**schema, "additionalProperties": False}) == found


def test_a_definition_gives_a_schema_for_each_version() -> None:
    """The file name is the one that kubeconform uses. The API's metadata is allowed."""
    ((name, schema),) = operator_schemas.schemas(DEFINITION)
    assert "example.org/boat_v1.json" == name
    assert {"type": "object"} == schema["properties"]["metadata"]
    assert schema["additionalProperties"] is False


def test_without_go_the_remedy_is_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message is one sentence."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(operator_schemas.SchemaError, match="go is missing: install"):
        operator_schemas.folder_of(operator_schemas.MODULES[0])


def test_a_failed_download_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message contains the module and go's error."""
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\nprintf '%s' '{\"Error\": \"not found\"}'\nexit 1\n", encoding="utf-8")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(operator_schemas.SchemaError, match=r"gateway-api@v[\d.]+ could not be downloaded: not found"):
        operator_schemas.folder_of(operator_schemas.MODULES[0])


def test_handwritten_schemas_are_strict() -> None:
    """They refuse unknown fields."""
    paths = list(operator_schemas.OWN.rglob("*.json"))
    assert paths
    for path in paths:
        schema = json.loads(path.read_text(encoding="utf-8"))
        assert schema["additionalProperties"] is False
        assert schema["properties"]["spec"]["additionalProperties"] is False
