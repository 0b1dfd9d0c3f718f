"""The chart's own tests leave nothing out: every template has a suite, every value an explanation."""

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
    """Maps of ours, whose names are all known, that may be missing."""
    for name, found in schema.get("properties", {}).items():
        if found.get("additionalProperties") is False and "properties" in found:
            if name not in schema.get("required", ()):
                yield f"{path}{name}"
            yield from optional_sections(found, f"{path}{name}.")


def may_be_null(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Values that need not be given. A map that takes names of others, like `resources`, is one value."""
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
    """What no suite names is rendered by nobody on purpose."""
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


def test_every_failure_of_the_validation_is_tested() -> None:
    """As many refusals as there are; that of an alias needs a parent chart."""
    failures = (CHART / "templates" / "validate.yaml").read_text(encoding="utf-8").count("{{- fail ")
    patterns = [
        test["asserts"][0]["failedTemplate"]["errorPattern"]
        for suite in (CHART / "tests" / "validate_test.yaml", PARENT / "tests" / "alias_test.yaml")
        for test in yaml.safe_load(suite.read_text(encoding="utf-8"))["tests"]
        if "failedTemplate" in test["asserts"][0]
    ]
    assert failures == sum(not re.search("at '|additional properties", pattern) for pattern in patterns)


def test_every_value_is_explained() -> None:
    """The table in the README is made of the comments: none is empty."""
    lines = (CHART / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if re.match(r"\| [a-zA-Z.]+ \| (?:bool|int|string|list|object)", line)]
    assert len(rows) > 100
    assert [] == [row[0] for row in rows if row[-1].strip(" |") == ""]


def test_no_section_may_be_missing() -> None:
    """Null takes one away, and `--reuse-values` lacks a new one: a sentence names it, not a trace of templates."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert len(schema["required"]) > 10
    assert [] == list(optional_sections(schema))


def test_null_is_refused_by_name_or_rendered() -> None:
    """What the schema lets be null is null in a test of the chart's own, which renders it; the rest must be there."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    suite = yaml.safe_load((CHART / "tests" / "validate_test.yaml").read_text(encoding="utf-8"))
    (rendered,) = (test for test in suite["tests"] if test["it"].startswith("renders where null stands"))
    assert [{"notFailedTemplate": {}}] == rendered["asserts"]
    assert set(nulls(rendered["set"])) == set(may_be_null(schema))


def test_null_stands_for_nothing_else_than_the_default() -> None:
    """A text, list or map that is empty by default may be null. Of others the reason is known."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    others = {path for path in may_be_null(schema) if reduce(getitem, path.split("."), values) not in ("", [], {})}
    assert others == {
        "enabled",  # a parent chart's; not read here
        "networkPolicy.dnsPorts",  # the template has the same default
        "podSecurityContext.runAsUser",  # OpenShift chooses it
        "podSecurityContext.runAsGroup",
        "redis.podSecurityContext.runAsUser",
        "redis.podSecurityContext.runAsGroup",
        "gateway.autoscaling.behavior",  # how Helm takes the defaults of a map away: the cluster's hold then
        "gateway.resources",
        "tick.resources",
        "web.resources",
        "redis.resources",
        "tests.resources",
        "monitoring.dashboards.labels",
    }


def test_the_schema_knows_every_value() -> None:
    """And refuses every other name, at the root and below; a parent chart's are allowed."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert schema["additionalProperties"] is False
    assert {"global", "enabled"} <= set(schema["properties"])
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    assert set(values) == set(schema["properties"])
    assert "gateway.drain.waitSeconds" in set(keys(values))


def test_the_defaults_name_the_image_that_make_image_builds() -> None:
    """The same version in the chart, in k8s/ and in the project: a release changes all of them."""
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    base = CHART.parents[1] / "k8s"
    production = yaml.safe_load((base / "overlays" / "production" / "kustomization.yaml").read_text(encoding="utf-8"))
    assert app.__version__ == str(chart["appVersion"])
    assert [{"name": "flotilla", "newTag": app.__version__}] == production["images"]
