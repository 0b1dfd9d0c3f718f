"""The configuration of this process: what Django finds wrong with it, and what only the way to the site can tell."""

from collections.abc import Iterator

from django.core import checks

from app.doctor.finding import Finding, fail, ok, warn
from app.doctor.site import Site
from app.settings.environment import Environment

CHECK = "configuration"
PROXIES = "proxies"
MODE = "mode"


def look_at_settings(environment: Environment) -> list[Finding]:
    """Return what Django's system checks say, those for a public site included where this is one."""
    messages = checks.run_checks(include_deployment_checks=environment.production)
    findings = [_told(message) for message in messages if message.level >= checks.WARNING]
    return findings or [ok(CHECK, f"nothing to object to, FLOTILLA_ENV={environment.env}")]


def look_at_mode(environment: Environment, site: Site) -> list[Finding]:
    """Return whether the rules of a public site hold where the site is public."""
    if environment.production:
        return [ok(MODE, "the rules of a public site hold")]
    if site.local:
        return [ok(MODE, "the rules of one's own machine hold")]
    remedy = "set FLOTILLA_ENV=production in every process of the site"
    return [fail(MODE, "the site is not on this machine, but the rules of a private one hold", remedy)]


def look_at_proxies(environment: Environment) -> list[Finding]:
    """Return whether the clients behind a proxy count as many."""
    return list(_proxies(environment))


def _proxies(environment: Environment) -> Iterator[Finding]:
    limit, networks = environment.sockets_per_address, environment.trusted_proxies
    if any(not network.prefixlen for network in networks):
        remedy = "name the networks of your proxies only"
        yield warn(PROXIES, "FLOTILLA_TRUSTED_PROXIES believes everybody, so that nobody's address is sure", remedy)
    elif networks:
        yield ok(PROXIES, f"{len(networks)} trusted network(s) may say for whom they ask")
    elif not limit:
        yield ok(PROXIES, "none is trusted; without a limit of sockets per address it does not matter")
    else:
        seen = f"none is trusted: all players behind one share its {limit} sockets (FLOTILLA_SOCKETS_PER_ADDRESS)"
        remedy = "set FLOTILLA_TRUSTED_PROXIES to the networks of the proxies in front of the gateways"
        behind_one = environment.trust_forwarded_proto  # only set where TLS ends at a proxy
        yield fail(PROXIES, seen, remedy) if behind_one else warn(PROXIES, seen, f"if there is a proxy, {remedy}")


def _told(message: checks.CheckMessage) -> Finding:
    remedy = str(message.hint or "see docs/configuration.md")
    seen = f"{message.msg} ({message.id})"
    return fail(CHECK, seen, remedy) if message.level >= checks.ERROR else warn(CHECK, seen, remedy)
