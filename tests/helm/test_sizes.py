"""The sizes for production match the measured capacity, and the defaults fit on a small node."""

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
    """Return the part of `given` with the keys of `wanted`."""
    return {key: chosen(value, given[key]) if isinstance(value, dict) else given[key] for key, value in wanted.items()}


def millicores(resources: dict[str, Any]) -> int:
    text = str(resources["requests"]["cpu"])
    return int(text.removesuffix("m")) if text.endswith("m") else int(float(text) * 1000)


def test_production_has_the_measured_sizes() -> None:
    """After a new measurement (make bench), scripts/production_sizes.py prints the values to write."""
    wanted = production_sizes.sizes(json.loads(production_sizes.CAPACITY.read_text(encoding="utf-8")))
    assert wanted == chosen(wanted, values("ci/production-values.yaml"))


def test_more_capacity_needs_fewer_gateways() -> None:
    """The sizes are calculated from the measurement."""
    at = {"players": 1000, "server_cpu": 0.2, "kib_per_connection": 32.0}
    found = production_sizes.sizes({"servers": {"product": {"capacity": 10_000.0, "at": at}}})
    assert {"FLOTILLA_SOCKETS_PER_PROCESS": 10_000} == found["config"]
    assert {"connections": 6500, "maxReplicas": 5} == found["gateway"]["autoscaling"]
    assert {"cpu": "1300m", "memory": "320Mi"} == found["gateway"]["resources"]["requests"]


def test_the_most_gateways_carry_the_most_ships() -> None:
    """The script repeats the default of FLOTILLA_MAX_SHIPS, because it cannot import the settings."""
    (ships,) = (variable.default for variable in VARIABLES if variable.name == "FLOTILLA_MAX_SHIPS")
    assert str(production_sizes.MAX_SHIPS) == ships


def test_the_defaults_fit_two_cpus() -> None:
    """Five gateways (one surge), tick, standby, web, Valkey and a test request at most 1.2 CPUs."""
    found = values("values.yaml")
    names = [*["gateway"] * 5, "tick", "web", "redis", "tests", *["tick"] * found["tick"]["spare"]]
    assert sum(millicores(found[name]["resources"]) for name in names) <= 1200


@pytest.mark.parametrize("component", ["gateway", "tick", "web", "redis", "tests"])
def test_no_default_limits_the_cpu(component: str) -> None:
    """A throttled process cannot send 20 frames per second. Memory and storage are limited."""
    assert {"memory", "ephemeral-storage"} == set(values("values.yaml")[component]["resources"]["limits"])


def test_the_grace_period_counts_the_closing_handshakes() -> None:
    """The chart adds the time for which a draining gateway waits for closing handshakes."""
    template = (CHART / "templates" / "gateway" / "deployment.yaml").read_text(encoding="utf-8")
    found = re.search(r"terminationGracePeriodSeconds: \{\{ add \(.*\) (\d+) 10 \}\}", template)
    assert found is not None
    assert CLOSE_TIMEOUT_S == float(found[1])


def settings_in(text: str) -> set[str]:
    """Return the names of settings in `text`, without the suffix _FILE of secrets."""
    return {name.removesuffix("_FILE") for name in re.findall(r"FLOTILLA_[A-Z_]+", text)}


def test_the_chart_sets_only_known_settings() -> None:
    """Every name in its templates is a setting."""
    named = {
        name for path in (CHART / "templates").rglob("*.*") for name in settings_in(path.read_text(encoding="utf-8"))
    }
    assert set() == named - {variable.name for variable in VARIABLES}
