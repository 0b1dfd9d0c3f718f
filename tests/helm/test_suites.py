"""Every template of the chart has a test suite, and every value has a description."""

import json
import re
from collections.abc import Iterator
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import yaml

import app

CHART = Path(__file__).resolve().parents[2] / "helm" / "flotilla"
PARENT = Path(__file__).parent / "parent"


def keys(values: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, value in values.items():
        yield f"{path}{key}"
        if isinstance(value, dict):
            yield from keys(value, f"{path}{key}.")


def optional_sections(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Yield sections with a fixed set of keys that may be missing."""
    for name, found in schema.get("properties", {}).items():
        if found.get("additionalProperties") is False and "properties" in found:
            if name not in schema.get("required", ()):
                yield f"{path}{name}"
            yield from optional_sections(found, f"{path}{name}.")


def may_be_null(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Yield values that may be null. A map with free keys, such as `resources`, is one value."""
    for name, found in schema["properties"].items():
        if found.get("additionalProperties") is False:
            yield from may_be_null(found, f"{path}{name}.")
        elif name not in schema.get("required", ()):
            yield f"{path}{name}"
        elif "properties" in found:
            yield from may_be_null(found, f"{path}{name}.")


def nulls(values: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from nulls(value, f"{path}{key}.")
        elif value is None:
            yield f"{path}{key}"


def test_every_template_has_a_suite() -> None:
    """Every template is listed in at least one suite."""
    templates = {
        str(path.relative_to(CHART / "templates"))
        for path in (CHART / "templates").rglob("*")
        if path.suffix in {".yaml", ".txt"}
    }
    tested = {
        name
        for path in (CHART / "tests").rglob("*_test.yaml")
        for name in yaml.safe_load(path.read_text(encoding="utf-8")).get("templates", ["validate.yaml"])
    }
    assert set() == templates - tested


def test_every_refusal_of_the_validation_is_tested() -> None:
    """Each message begins like the pattern of exactly one test. The refusal of an alias needs a parent chart."""
    template = (CHART / "templates" / "validate.yaml").read_text(encoding="utf-8")
    messages = re.findall(r'{{- fail (?:\(printf )?"(.+?)"[ )]', template)
    assert template.count("{{- fail ") == len(messages) > 30
    patterns = [
        test["asserts"][0]["failedTemplate"]["errorPattern"]
        for suite in (CHART / "tests" / "validate_test.yaml", PARENT / "tests" / "alias_test.yaml")
        for test in yaml.safe_load(suite.read_text(encoding="utf-8"))["tests"]
        if "failedTemplate" in test["asserts"][0]
    ]
    assert len(messages) == sum(not re.search("at '|additional properties", pattern) for pattern in patterns)
    untested = [message for message in messages if not any(begins_like(message, pattern) for pattern in patterns)]
    assert [] == untested


def begins_like(message: str, pattern: str) -> bool:
    """Return True if the text of `pattern` up to its first wildcard is the start of `message` with some values."""
    start = pattern.removeprefix("^").split(".*")[0].split()
    words = message.split()[: len(start)]
    return len(start) > 1 and all("%" in word or word.startswith(part) for word, part in zip(words, start, strict=True))


def test_every_value_has_a_description() -> None:
    """No row of the README's table has an empty description."""
    lines = (CHART / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if re.match(r"\| [a-zA-Z.]+ \| (?:bool|int|string|list|object)", line)]
    assert len(rows) > 100
    assert [] == [row[0] for row in rows if row[-1].strip(" |") == ""]


def test_no_section_may_be_missing() -> None:
    """The schema reports a section that null removes or that `--reuse-values` lacks, instead of a template error."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert len(schema["required"]) > 10
    assert [] == list(optional_sections(schema))


def test_null_is_refused_by_name_or_rendered() -> None:
    """A test of the chart renders null for exactly those values that the schema allows to be null."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    suite = yaml.safe_load((CHART / "tests" / "validate_test.yaml").read_text(encoding="utf-8"))
    (rendered,) = (test for test in suite["tests"] if test["it"].startswith("renders with null"))
    assert [{"notFailedTemplate": {}}] == rendered["asserts"]
    assert set(nulls(rendered["set"])) == set(may_be_null(schema))


def test_null_is_allowed_only_for_empty_defaults() -> None:
    """Text, lists and maps that are empty by default may be null. Exceptions have a reason."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    others = {path for path in may_be_null(schema) if reduce(getitem, path.split("."), values) not in ("", [], {})}
    assert others == {
        "enabled",  # for a parent chart; not used here
        "networkPolicy.dnsPorts",  # the template has the same default
        "podSecurityContext.runAsUser",  # OpenShift chooses it
        "podSecurityContext.runAsGroup",
        "redis.podSecurityContext.runAsUser",
        "redis.podSecurityContext.runAsGroup",
        "gateway.autoscaling.behavior",  # null removes the defaults of a map; the cluster's defaults apply
        "gateway.resources",
        "tick.resources",
        "web.resources",
        "redis.resources",
        "tests.resources",
        "monitoring.dashboards.labels",
    }


def test_the_schema_contains_every_value() -> None:
    """It refuses unknown keys, except those that a parent chart sets."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert schema["additionalProperties"] is False
    assert {"global", "enabled"} <= set(schema["properties"])
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    assert set(values) == set(schema["properties"])
    assert "gateway.drain.waitSeconds" in set(keys(values))


def test_the_defaults_name_the_image_that_make_image_builds() -> None:
    """Chart, k8s/ and project have the same version."""
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    base = CHART.parents[1] / "k8s"
    production = yaml.safe_load((base / "overlays" / "production" / "kustomization.yaml").read_text(encoding="utf-8"))
    assert app.__version__ == str(chart["appVersion"])
    assert [{"name": "flotilla", "newTag": app.__version__}] == production["images"]
