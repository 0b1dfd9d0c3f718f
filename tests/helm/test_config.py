"""The chart's `config` takes every setting that it does not derive, with the values that a process starts with."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from app.settings.environment import MAX_SHIP_IDS, PRODUCTION, VARIABLES, ConfigurationError, Variable
from app.settings.kinds import FALSE_WORDS, NONE_IN_PRODUCTION, TRUE_WORDS
from app.settings.secret_files import NAMES

CHART = Path(__file__).resolve().parents[2] / "helm" / "flotilla"
TEMPLATES = CHART / "templates"
ANY_SETTING: Final = "^FLOTILLA_[A-Z_]+$"  # its type holds for all; the names themselves are the templates' business

JSON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def settings_in_config() -> set[str]:
    environment = (TEMPLATES / "_env.tpl").read_text(encoding="utf-8")
    _, others = re.findall(r"^FLOTILLA_.*$", environment, re.MULTILINE)
    return set(others.split())


def patterns() -> dict[str, Any]:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert {"$ref": "#/$defs/config.schema.json"} in schema["properties"]["config"]["allOf"]
    found: dict[str, Any] = schema["$defs"]["config.schema.json"]["patternProperties"]
    return found


def has_type(value: object, names: str | list[str]) -> bool:
    """In JSON, unlike Python, true is no number."""
    allowed = {kind for name in ([names] if isinstance(names, str) else names) for kind in JSON_TYPES[name]}
    return type(value) in allowed


def takes(rules: Mapping[str, Any], value: object) -> bool:
    """Whether a schema takes a value; only what this one uses, and a KeyError for anything else."""
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


def schema_takes(name: str, value: object) -> bool:
    return all(takes(rules, value) for pattern, rules in patterns().items() if re.search(pattern, name))


def process_takes(variable: Variable, value: object) -> bool:
    """Whether it reads what the template makes of the value."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        variable.read({variable.name: text}, PRODUCTION)
    except ConfigurationError:
        return False
    return True


VALUES: Final = (
    *(-1, 0, 1, 2, 0.5, -0.5, 4800, MAX_SHIP_IDS, MAX_SHIP_IDS + 1, True, False),
    *("-1", "0", "1", "007", "0.5", "1.5", "0.0", "00.10", "4800", str(MAX_SHIP_IDS), str(MAX_SHIP_IDS + 1), "99999"),
    *("", "+5", "+", ".5", "5.", ".0", ".", "3m", "many", "1.2.3", "1 2", "nan", "inf"),
    *("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "LOUD", "debug", "console", "json", "xml", "True"),
    *sorted(TRUE_WORDS | FALSE_WORDS),
)


@pytest.mark.parametrize("variable", [found for found in VARIABLES if found.name in settings_in_config()])
def test_config_takes_what_a_process_takes(variable: Variable) -> None:
    """A wrong value ends at `helm template`, by the name of its key, not in a pod that does not start."""
    wrong = [value for value in VALUES if schema_takes(variable.name, value) != process_takes(variable, value)]
    assert [] == wrong


def test_every_name_with_a_type_is_a_setting() -> None:
    """One that is gone from the program goes from the schema."""
    for pattern in patterns().keys() - {ANY_SETTING}:
        named = [name for name in settings_in_config() if re.search(pattern, name)]
        assert len(named) == pattern.count("|") + 1


def test_what_the_chart_sets_is_refused_in_config() -> None:
    """Of two values of one name in a pod the last would win, unseen; `config` takes all that production does."""
    environment = (TEMPLATES / "_env.tpl").read_text(encoding="utf-8")
    redis = (TEMPLATES / "_redis.tpl").read_text(encoding="utf-8")
    own, others = (set(line.split()) for line in re.findall(r"^FLOTILLA_.*$", environment, re.MULTILINE))
    assert set() == set(re.findall(r"- name: (FLOTILLA_[A-Z_]+)", environment + redis)) - own
    for_tests = {variable.name for variable in VARIABLES if variable.production_kind is NONE_IN_PRODUCTION}
    assert {variable.name for variable in VARIABLES} | set(NAMES) == own | others | for_tests
    assert set() == own & others
    assert set() == for_tests & (own | others)


def test_settings_for_tests_are_refused_as_such() -> None:
    """Production refuses them; the chart says so, rather than that there is no such setting."""
    validation = (TEMPLATES / "validate.yaml").read_text(encoding="utf-8")
    for_tests = [variable.name for variable in VARIABLES if variable.production_kind is NONE_IN_PRODUCTION]
    assert for_tests == re.findall(r'eq \$name "(FLOTILLA_[A-Z_]+)"', validation)
