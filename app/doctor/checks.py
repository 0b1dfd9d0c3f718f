"""All checks, ordered so that a fault in one explains the faults after it."""

from collections.abc import Callable, Iterator
from typing import Final

from app.doctor import descriptors, network_errors, page, redis, settings, websocket
from app.doctor.finding import Finding, Verdict, fail, skipped
from app.doctor.site import Site
from app.doctor.timeout import run_within
from app.settings.environment import Environment

LIMIT_S: Final = 20.0  # of one check; the check's own timeouts are shorter, but a hostile server can evade them


def check_all(environment: Environment, site: Site) -> Iterator[Finding]:
    """Yield each finding as soon as it is made. This takes 90 s at most, and a second for a healthy site."""
    yield from settings.check_settings(environment)
    yield from settings.check_mode(environment, site)
    yield from settings.check_proxies(environment)
    yield from descriptors.check_descriptors(environment)
    yield from _limited(redis.CHECK, lambda: redis.check_redis(environment))
    reached = [site]

    def check_page() -> list[Finding]:
        findings, reached[0] = page.check_page(site)
        return findings

    yield from _limited(page.CHECK, check_page)
    yield from check_websocket(reached[0])


def check_websocket(site: Site) -> Iterator[Finding]:
    """Yield the findings on the WebSocket alone, for places from which the page cannot be reached."""
    findings = list(_limited(websocket.HANDSHAKE, lambda: websocket.check_socket(site)))
    yield from findings
    if findings[0].verdict is Verdict.OK:
        yield from _limited(websocket.ORIGIN, lambda: websocket.check_origin(site))
    else:
        yield skipped(websocket.ORIGIN, "there is no WebSocket")


def _limited(name: str, check: Callable[[], list[Finding]]) -> Iterator[Finding]:
    try:
        yield from run_within(LIMIT_S, check)
    except Exception as error:  # noqa: BLE001  # an unforeseen answer that breaks a library is a finding, not a crash
        yield fail(name, *network_errors.explain(error))
