"""Properties of compose.yaml that need no engine."""

import re
from typing import Any, Final

import pytest
import yaml

import app
from app.settings.environment import SECRET_FILES, VARIABLES
from loadtest.paths import ROOT

COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: Final[dict[str, Any]] = COMPOSE["services"]
OURS: Final = ("gateway-1", "gateway-2", "spare", "tick", "web")
OBSERVABILITY: Final = ("grafana", "prometheus")

SETTINGS: Final[dict[str, str]] = COMPOSE["x-flotilla"]["environment"]


def test_a_site_has_these_services() -> None:
    """Prometheus and Grafana need a profile."""
    assert {"nginx", "prepare", "redis", *OURS, *OBSERVABILITY} == set(SERVICES)
    assert set(OBSERVABILITY) == {name for name, service in SERVICES.items() if "profiles" in service}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened(name: str) -> None:
    """It is read-only, has no capabilities and cannot gain any, and has limits for logs and processes."""
    service = SERVICES[name]
    assert service["read_only"]
    assert ["ALL"] == service["cap_drop"]
    assert ["no-new-privileges:true"] == service["security_opt"]
    assert {"max-size", "max-file"} == set(service["logging"]["options"])
    assert 0 < service["pids_limit"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", OURS)
def test_all_roles_run_the_image_of_make_image(name: str) -> None:
    """Its tag and its label are the project's version."""
    assert f"${{IMAGE:-flotilla:{app.__version__}}}" == SERVICES[name]["image"]
    assert app.__version__ == SERVICES[name]["build"]["args"]["VERSION"]


def test_only_nginx_is_published() -> None:
    """Prometheus and Grafana are published on loopback, Redis and the private ports not at all."""
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert {"nginx", *OBSERVABILITY} == set(published)
    assert all(port.startswith("127.0.0.1:") for name in OBSERVABILITY for port in published[name])


def test_redis_is_on_the_inner_network_only() -> None:
    """Neither nginx nor web is on it, and it has no access to the internet."""
    assert ["inside"] == SERVICES["redis"]["networks"]
    assert COMPOSE["networks"]["inside"]["internal"]
    assert {"gateway-1", "gateway-2", "redis", "spare", "tick", "prometheus"} == {
        name for name, service in SERVICES.items() if "inside" in service.get("networks", ())
    }


def test_all_settings_exist_and_none_is_a_secret() -> None:
    """A secret in this file would be public."""
    known = {variable.name: variable for variable in VARIABLES}
    assert set() == {name for name in SETTINGS if name not in known and name not in SECRET_FILES}
    assert {"FLOTILLA_REDIS_URL"} == {name for name in SETTINGS if name in known and known[name].value_type.secret}
    assert "${FLOTILLA_REDIS_URL:-redis://redis:6379/0}" == SETTINGS["FLOTILLA_REDIS_URL"]  # no password in it


def test_the_subnet_is_the_one_that_is_trusted() -> None:
    """Otherwise all players would share nginx's address."""
    (config,) = COMPOSE["networks"]["edge"]["ipam"]["config"]
    assert SETTINGS["FLOTILLA_TRUSTED_PROXIES"] == config["subnet"]


@pytest.mark.parametrize("name", ["gateway-1", "gateway-2"])
def test_a_gateway_has_time_for_its_drain(name: str) -> None:
    """The grace period covers wait, window and three seconds for closing handshakes."""
    wait_s, window_s = (_default(SETTINGS[f"FLOTILLA_DRAIN_{part}_SECONDS"]) for part in ("WAIT", "WINDOW"))
    assert float(wait_s) + float(window_s) + 3 < float(SERVICES[name]["stop_grace_period"].removesuffix("s"))


def test_every_mounted_file_exists() -> None:
    """Docker would create a folder instead of a missing file."""
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", ())]
    sources = [mount["source"] for mount in mounts if isinstance(mount, dict) and mount["type"] == "bind"]
    assert ".compose/nginx.conf" in sources
    assert [] == [source for source in sources if not (ROOT / source).exists()]


def test_prometheus_scrapes_every_role() -> None:
    """It uses the service names of compose."""
    prometheus = yaml.safe_load((ROOT / ".compose" / "prometheus.yml").read_text(encoding="utf-8"))
    scraped = [job["dns_sd_configs"][0] for job in prometheus["scrape_configs"] if "dns_sd_configs" in job]
    aliases = {alias for name in OURS for alias in _names(name)}
    assert {"gateway", "tick", "web"} == {name for job in scraped for name in job["names"]}
    assert {"gateway", "tick", "web"} <= aliases
    assert {9000} == {job["port"] for job in scraped}


def _default(text: str) -> str:
    found = re.fullmatch(r"\$\{\w+:?-(.*)\}", text)
    return found[1] if found else text


def _names(service: str) -> set[str]:
    networks = SERVICES[service]["networks"]
    aliases = networks.values() if isinstance(networks, dict) else ()
    return {service, *(alias for network in aliases for alias in network.get("aliases", ()))}
