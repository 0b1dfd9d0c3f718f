"""The settings of this process: Django's system checks, and faults that depend on the site's address."""

from collections.abc import Iterator

from django.core import checks

from app.doctor.finding import Finding, fail, ok, warn
from app.doctor.site import Site
from app.settings.environment import Environment

CHECK = "configuration"
PROXIES = "proxies"
MODE = "mode"


def check_settings(environment: Environment) -> list[Finding]:
    """Return the messages of Django's system checks; in production with the deployment checks."""
    messages = checks.run_checks(include_deployment_checks=environment.production)
    findings = [_finding(message) for message in messages if message.level >= checks.WARNING]
    return findings or [ok(CHECK, f"no faults found, FLOTILLA_ENV={environment.env}")]


def check_mode(environment: Environment, site: Site) -> list[Finding]:
    """Return a failure if a public site runs in local mode."""
    if environment.production:
        return [ok(MODE, "production mode")]
    if site.local:
        return [ok(MODE, "local mode, and the site is on this machine")]
    remedy = "set FLOTILLA_ENV=production in every process of the site"
    return [fail(MODE, "local mode, but the site is not on this machine", remedy)]


def check_proxies(environment: Environment) -> list[Finding]:
    """Find out whether clients behind a proxy are counted by their own addresses."""
    return list(_proxies(environment))


def _proxies(environment: Environment) -> Iterator[Finding]:
    limit, networks = environment.sockets_per_address, environment.trusted_proxies
    if any(not network.prefixlen for network in networks):
        seen = "FLOTILLA_TRUSTED_PROXIES includes every address, so any client can forge its own"
        yield warn(PROXIES, seen, "list only the networks of your proxies")
    elif networks:
        yield ok(PROXIES, f"{len(networks)} trusted network(s)")
    elif not limit:
        yield ok(PROXIES, "none is trusted, which is harmless without a limit of sockets per address")
    else:
        seen = f"none is trusted: all players behind one share its {limit} sockets (FLOTILLA_SOCKETS_PER_ADDRESS)"
        remedy = "set FLOTILLA_TRUSTED_PROXIES to the networks of the proxies in front of the gateways"
        behind_one = environment.trust_forwarded_proto  # only set where TLS ends at a proxy
        yield fail(PROXIES, seen, remedy) if behind_one else warn(PROXIES, seen, f"if there is a proxy, {remedy}")


def _finding(message: checks.CheckMessage) -> Finding:
    remedy = str(message.hint or "see docs/configuration.md")
    seen = f"{message.msg} ({message.id})"
    return fail(CHECK, seen, remedy) if message.level >= checks.ERROR else warn(CHECK, seen, remedy)
