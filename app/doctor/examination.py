"""The whole examination, in the order in which a fault in one thing explains those after it."""

from collections.abc import Callable, Iterator
from typing import Final

from app.doctor import descriptors, network_errors, page, redis, settings, websocket
from app.doctor.bounded import within
from app.doctor.finding import Finding, Verdict, fail, skipped
from app.doctor.site import Site
from app.settings.environment import Environment

LIMIT_S: Final = 20.0  # of one check, whose own timeouts end it sooner unless somebody is hostile


def examine(environment: Environment, site: Site) -> Iterator[Finding]:
    """Yield each finding as soon as it is made; takes a minute and a half at most, a second where all is well."""
    yield from settings.look_at_settings(environment)
    yield from settings.look_at_mode(environment, site)
    yield from settings.look_at_proxies(environment)
    yield from descriptors.look_at_descriptors(environment)
    yield from _bounded(redis.CHECK, lambda: redis.look_at_redis(environment))
    reached = [site]

    def look_at_page() -> list[Finding]:
        findings, reached[0] = page.look_at_page(site)
        return findings

    yield from _bounded(page.CHECK, look_at_page)
    yield from examine_socket(lambda: reached[0])


def examine_socket(site: Callable[[], Site]) -> Iterator[Finding]:
    """Yield the findings on the WebSocket alone: for who stands where the page cannot be reached."""
    played = list(_bounded(websocket.HANDSHAKE, lambda: websocket.look_at_socket(site())))
    yield from played
    if played[0].verdict is Verdict.OK:
        yield from _bounded(websocket.ORIGIN, lambda: websocket.look_at_origin(site()))
    else:
        yield skipped(websocket.ORIGIN, "there is no WebSocket")


def _bounded(check: str, look: Callable[[], list[Finding]]) -> Iterator[Finding]:
    try:
        yield from within(LIMIT_S, look)
    except Exception as error:  # noqa: BLE001  # whatever a stranger's server did to a library is a finding, not a crash
        yield fail(check, *network_errors.explain(error))
