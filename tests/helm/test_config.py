"""The chart's `config` accepts every setting that the chart does not derive, with the values that a process accepts."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from app.settings.configuration_error import ConfigurationError
from app.settings.environment import MAX_SHIP_IDS, SECRET_FILES, VARIABLES
from app.settings.reader import read_one
from app.settings.value_types import FALSE_WORDS, TRUE_WORDS, ZERO
from app.settings.variable import PRODUCTION, Variable

CHART = Path(__file__).resolve().parents[2] / "helm" / "flotilla"
TEMPLATES = CHART / "templates"
ANY_SETTING: Final = "^FLOTILLA_[A-Z_]+$"  # the schema of all names; the templates refuse unknown ones

JSON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def names(template: str) -> list[str]:
    """Return the names in a list of the chart."""
    lists = (TEMPLATES / "_settings.tpl").read_text(encoding="utf-8")
    (line,) = re.findall(rf'define "flotilla\.{template}" -}}}}\n(FLOTILLA_.*)\n', lists)
    return str(line).split()


def config_schema() -> dict[str, Any]:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert {"$ref": "#/$defs/config.schema.json"} in schema["properties"]["config"]["allOf"]
    found: dict[str, Any] = schema["$defs"]["config.schema.json"]
    return found


def has_type(value: object, types: str | list[str]) -> bool:
    """Return whether a value has a type of JSON, where true, unlike in Python, is not a number."""
    allowed = {kind for name in ([types] if isinstance(types, str) else types) for kind in JSON_TYPES[name]}
    return type(value) in allowed


def accepts(rules: Mapping[str, Any], value: object) -> bool:
    """Return whether a schema accepts a value. Raises KeyError for keywords that the chart's schema does not use."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    checks = {
        "type": lambda rule: has_type(value, rule),
        "enum": lambda rule: value in rule,
        "minimum": lambda rule: number is None or number >= rule,
        "maximum": lambda rule: number is None or number <= rule,
        "exclusiveMinimum": lambda rule: number is None or number > rule,
        "pattern": lambda rule: not isinstance(value, str) or bool(re.search(rule, value)),
    }
    return all(checks[name](rule) for name, rule in rules.items())


def schema_accepts(name: str, value: object) -> bool:
    schema = config_schema()
    assert {ANY_SETTING} == set(schema["patternProperties"])
    rules = [schema["patternProperties"][ANY_SETTING], schema["properties"].get(name, {})]
    return all(accepts(rule, value) for rule in rules)


def process_accepts(variable: Variable, value: object) -> bool:
    """Return whether a process accepts the text that the template makes of the value."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        read_one(variable, {variable.name: text}, PRODUCTION)
    except ConfigurationError:
        return False
    return True


VALUES: Final = (
    *(-1, 0, 1, 2, 0.5, -0.5, 4800, MAX_SHIP_IDS, MAX_SHIP_IDS + 1, True, False),
    *("-1", "0", "1", "007", "0.5", "1.5", "0.0", "00.10", "4800", str(MAX_SHIP_IDS), str(MAX_SHIP_IDS + 1), "99999"),
    *("", "+5", "+", ".5", "5.", ".0", ".", "3m", "many", "1.2.3", "1 2", "nan", "inf"),
    *("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "LOUD", "debug", "console", "json", "xml", "True"),
    *sorted({*TRUE_WORDS, *FALSE_WORDS}),
)


@pytest.mark.parametrize("variable", [found for found in VARIABLES if found.name in names("otherSettings")])
def test_config_accepts_what_a_process_accepts(variable: Variable) -> None:
    """A wrong value fails at `helm template`, with the name of its key, not in a pod that does not start."""
    wrong = [value for value in VALUES if schema_accepts(variable.name, value) != process_accepts(variable, value)]
    assert [] == wrong


def test_every_name_with_a_schema_is_a_setting_of_config() -> None:
    """Other names would be accepted here and refused by the templates."""
    assert set() == config_schema()["properties"].keys() - set(names("otherSettings"))


def test_the_chart_s_own_settings_are_refused_in_config() -> None:
    """In a pod with two values for one name, the last would win without a warning. `config` accepts all others."""
    set_by_templates = {
        name
        for path in TEMPLATES.rglob("*.*")
        for name in re.findall(r"- name: (FLOTILLA_[A-Z_]+)", path.read_text(encoding="utf-8"))
    }
    own, others, for_tests = (set(names(template)) for template in ("ownSettings", "otherSettings", "testSettings"))
    assert set() == set_by_templates - own
    assert {variable.name for variable in VARIABLES} | set(SECRET_FILES) == own | others | for_tests
    assert len(own | others | for_tests) == len(own) + len(others) + len(for_tests)


def test_no_secret_is_set_in_config() -> None:
    """Values of `config` are plain text in the Deployments."""
    secrets = {variable.name for variable in VARIABLES if variable.value_type.secret}
    assert set() == (secrets | set(SECRET_FILES)) & set(names("otherSettings"))


def test_settings_that_production_refuses_are_refused_as_such() -> None:
    """The chart has a separate message for them."""
    assert [variable.name for variable in VARIABLES if variable.production_type is ZERO] == names("testSettings")
