"""The chart's sizes: production's follow from what was measured, and the defaults fit a small node."""

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.gateway.drain import CLOSE_TIMEOUT_S
from app.settings.environment import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "flotilla"

_spec = importlib.util.spec_from_file_location("production_sizes", ROOT / "scripts" / "production_sizes.py")
assert _spec is not None
assert _spec.loader is not None
production_sizes = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(production_sizes)


def values(path: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CHART / path).read_text(encoding="utf-8"))
    return found


def chosen(wanted: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What `given` says under the keys of `wanted`."""
    return {key: chosen(value, given[key]) if isinstance(value, dict) else given[key] for key, value in wanted.items()}


def millicores(resources: dict[str, Any]) -> int:
    text = str(resources["requests"]["cpu"])
    return int(text.removesuffix("m")) if text.endswith("m") else int(float(text) * 1000)


def test_production_has_the_sizes_that_were_measured() -> None:
    """Measure anew (make bench), and scripts/production_sizes.py prints what to write."""
    wanted = production_sizes.sizes(json.loads(production_sizes.CAPACITY.read_text(encoding="utf-8")))
    assert wanted == chosen(wanted, values("ci/production-values.yaml"))


def test_more_capacity_asks_for_fewer_gateways() -> None:
    """The sizes follow the measurement, not the other way round."""
    at = {"players": 1000, "server_cpu": 0.2, "kib_per_connection": 32.0}
    found = production_sizes.sizes({"servers": {"product": {"capacity": 10_000.0, "at": at}}})
    assert {"FLOTILLA_SOCKETS_PER_PROCESS": 10_000} == found["config"]
    assert {"connections": 6500, "maxReplicas": 5} == found["gateway"]["autoscaling"]
    assert {"cpu": "1300m", "memory": "320Mi"} == found["gateway"]["resources"]["requests"]


def test_the_most_gateways_carry_the_most_ships() -> None:
    """The script has no settings at hand, so it repeats the default; this keeps the two together."""
    (ships,) = (variable.default for variable in VARIABLES if variable.name == "FLOTILLA_MAX_SHIPS")
    assert str(production_sizes.MAX_SHIPS) == ships


def test_the_defaults_fit_two_cpus() -> None:
    """Four gateways and one that surges, tick, web, Valkey and a test ask for at most 1.2 CPUs; the spare fits too."""
    found = values("values.yaml")
    names = [*["gateway"] * 5, "tick", "web", "redis", "tests", *["tick"] * found["tick"]["spare"]]
    assert sum(millicores(found[name]["resources"]) for name in names) <= 1200


@pytest.mark.parametrize("component", ["gateway", "tick", "web", "redis", "tests"])
def test_no_default_limits_the_cpu(component: str) -> None:
    """A process that is throttled cannot keep 20 frames a second; memory is limited."""
    assert {"memory", "ephemeral-storage"} == set(values("values.yaml")[component]["resources"]["limits"])


def test_the_grace_period_counts_the_closing_handshakes() -> None:
    """The chart adds the seconds for which a draining gateway waits for the last of them."""
    template = (CHART / "templates" / "gateway" / "deployment.yaml").read_text(encoding="utf-8")
    found = re.search(r"terminationGracePeriodSeconds: \{\{ add \(.*\) (\d+) 10 \}\}", template)
    assert found is not None
    assert CLOSE_TIMEOUT_S == float(found[1])


def settings_in(text: str) -> set[str]:
    """Names of settings; a secret's may also end in _FILE."""
    return {name.removesuffix("_FILE") for name in re.findall(r"FLOTILLA_[A-Z_]+", text)}


def test_what_the_chart_sets_are_settings() -> None:
    """Every name in its templates is one of docs/configuration.md."""
    named = {
        name for path in (CHART / "templates").rglob("*.*") for name in settings_in(path.read_text(encoding="utf-8"))
    }
    assert set() == named - {variable.name for variable in VARIABLES}
