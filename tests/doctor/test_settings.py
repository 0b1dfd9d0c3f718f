import resource

import pytest

from app.doctor import descriptors, settings
from app.doctor.finding import Verdict
from app.doctor.site import Site
from app.settings.environment import Environment
from tests.settings.test_environment import PUBLIC

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL
PUBLIC_SITE, LOCAL_SITE = Site.parse("https://flotilla.example.org"), Site.parse("http://localhost:8000")


def test_a_configuration_without_faults_is_one_line() -> None:
    """Each fault would be one line."""
    (found,) = settings.check_settings(Environment.load({}))
    assert (OK, settings.CHECK) == (found.verdict, found.check)


def test_what_the_system_checks_find_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint of the system check is the remedy."""
    monkeypatch.setenv("FLOTILLA_MAX_SHIP", "1")
    (found,) = settings.check_settings(Environment.load({}))
    assert (WARN, "Did you mean FLOTILLA_MAX_SHIPS?") == (found.verdict, found.remedy)


@pytest.mark.parametrize(
    ("environ", "site", "verdict"),
    [({}, LOCAL_SITE, OK), ({}, PUBLIC_SITE, FAIL), (PUBLIC, PUBLIC_SITE, OK), (PUBLIC, LOCAL_SITE, OK)],
)
def test_a_public_site_needs_production_mode(environ: dict[str, str], site: Site, verdict: Verdict) -> None:
    """In local mode the key is public, so anyone can make tickets."""
    (found,) = settings.check_mode(Environment.load(environ), site)
    assert verdict is found.verdict


@pytest.mark.parametrize(
    ("environ", "verdict"),
    [
        ({}, OK),
        (PUBLIC, WARN),
        (PUBLIC | {"FLOTILLA_TRUST_FORWARDED_PROTO": "true"}, FAIL),
        (PUBLIC | {"FLOTILLA_TRUSTED_PROXIES": "10.0.0.0/8"}, OK),
        (PUBLIC | {"FLOTILLA_TRUSTED_PROXIES": "10.0.0.0/8,::/0"}, WARN),
        (PUBLIC | {"FLOTILLA_SOCKETS_PER_ADDRESS": "0"}, OK),
    ],
)
def test_players_behind_a_proxy_must_not_share_one_limit(environ: dict[str, str], verdict: Verdict) -> None:
    """A process that trusts X-Forwarded-Proto is behind a proxy."""
    (found,) = settings.check_proxies(Environment.load(environ))
    assert verdict is found.verdict


@pytest.mark.parametrize(
    ("sockets", "limit", "verdict"),
    [(5000, 1024, FAIL), (5000, 5127, FAIL), (5000, 5128, OK), (0, 1024, WARN), (5000, resource.RLIM_INFINITY, OK)],
)
def test_each_socket_is_an_open_file(sockets: int, limit: int, verdict: Verdict) -> None:
    """The process needs some more."""
    assert verdict is descriptors.check_limit(sockets, limit).verdict
