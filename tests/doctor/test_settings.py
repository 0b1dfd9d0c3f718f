import resource

import pytest

from app.doctor import descriptors, settings
from app.doctor.finding import Verdict
from app.doctor.site import Site
from app.settings.environment import Environment
from tests.settings.test_environment import PRODUCTION

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL
PUBLIC, PRIVATE = Site.parse("https://flotilla.example.org"), Site.parse("http://localhost:8000")


def test_a_configuration_without_faults_is_one_line() -> None:
    """What is wrong would be a line each."""
    (found,) = settings.look_at_settings(Environment.load({}))
    assert (OK, settings.CHECK) == (found.verdict, found.check)


def test_what_the_system_checks_find_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its hint as the remedy."""
    monkeypatch.setenv("FLOTILLA_MAX_SHIP", "1")
    (found,) = settings.look_at_settings(Environment.load({}))
    assert (WARN, "Did you mean FLOTILLA_MAX_SHIPS?") == (found.verdict, found.remedy)


@pytest.mark.parametrize(
    ("environ", "site", "verdict"),
    [({}, PRIVATE, OK), ({}, PUBLIC, FAIL), (PRODUCTION, PUBLIC, OK), (PRODUCTION, PRIVATE, OK)],
)
def test_a_public_site_keeps_the_rules_of_one(environ: dict[str, str], site: Site, verdict: Verdict) -> None:
    """The development key signs tickets that everybody can make."""
    (found,) = settings.look_at_mode(Environment.load(environ), site)
    assert verdict is found.verdict


@pytest.mark.parametrize(
    ("environ", "verdict"),
    [
        ({}, OK),
        (PRODUCTION, WARN),
        (PRODUCTION | {"FLOTILLA_TRUST_FORWARDED_PROTO": "true"}, FAIL),
        (PRODUCTION | {"FLOTILLA_TRUSTED_PROXIES": "10.0.0.0/8"}, OK),
        (PRODUCTION | {"FLOTILLA_TRUSTED_PROXIES": "10.0.0.0/8,::/0"}, WARN),
        (PRODUCTION | {"FLOTILLA_SOCKETS_PER_ADDRESS": "0"}, OK),
    ],
)
def test_players_behind_a_proxy_must_not_share_one_limit(environ: dict[str, str], verdict: Verdict) -> None:
    """Who trusts X-Forwarded-Proto has a proxy for certain."""
    (found,) = settings.look_at_proxies(Environment.load(environ))
    assert verdict is found.verdict


@pytest.mark.parametrize(
    ("sockets", "limit", "verdict"),
    [(5000, 1024, FAIL), (5000, 5127, FAIL), (5000, 5128, OK), (0, 1024, WARN), (5000, resource.RLIM_INFINITY, OK)],
)
def test_each_socket_is_an_open_file(sockets: int, limit: int, verdict: Verdict) -> None:
    """And some are needed besides."""
    assert verdict is descriptors.judge(sockets, limit).verdict
