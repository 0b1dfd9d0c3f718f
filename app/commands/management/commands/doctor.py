"""`flotilla doctor`: checks configuration, Redis and the site from outside, and prints what to do."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from app.doctor.checks import check_all, check_websocket
from app.doctor.finding import Finding, Verdict, failed, plain
from app.doctor.site import Site
from app.settings.address import Address, parse_address

EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2


class Command(BaseCommand):
    help = "Checks configuration, Redis, page and WebSocket. Exits with 0 if nothing failed, 1 if something did."
    requires_system_checks = ()  # this command reports them as findings

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", help="address of the page for players (default: http://FLOTILLA_BIND/)")
        parser.add_argument(
            "--socket-only", action="store_true", help="check only the WebSocket, not the page and Redis"
        )
        parser.add_argument(
            "--connect",
            metavar="HOST:PORT",
            help="with --socket-only: connect to this address instead of resolving the name",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of a line per check")

    def handle(self, *_args: Any, **options: Any) -> None:
        findings = []
        for finding in _findings(_site(options["url"]), options["connect"], socket_only=options["socket_only"]):
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(str(finding))
                self.stdout.flush()
        if options["json"]:
            self.stdout.write(_document(findings))
        if failed(findings):
            sys.exit(EXIT_FAILED)


def _findings(site: Site, connect: str | None, *, socket_only: bool) -> Iterator[Finding]:
    if not socket_only:
        if connect is not None:
            raise CommandError(
                "--connect needs --socket-only: the page is always reached by its name.", returncode=EXIT_USAGE
            )
        return check_all(settings.ENVIRONMENT, site)
    return check_websocket(site if connect is None else replace(site, reach=_reach(connect)))


def _reach(text: str) -> Address:
    try:
        address = parse_address(text)
    except ValueError:
        address = None
    if address is None or not address.port:
        wrong = f"{text!r} is not an address with a port: write --connect like 192.0.2.7:443 or [2001:db8::7]:443."
        raise CommandError(wrong, returncode=EXIT_USAGE)
    return address


def _site(url: str | None) -> Site:
    try:
        return Site.parse(url) if url is not None else Site.at(settings.ENVIRONMENT.bind)
    except ValueError:
        wrong = f"{url!r} is not the address of a page" if url is not None else "FLOTILLA_BIND has port 0"
        raise CommandError(
            f"{wrong}: give one with --url, like https://flotilla.example/.", returncode=EXIT_USAGE
        ) from None


def _document(findings: list[Finding]) -> str:
    checks = [
        {"check": each.check, "verdict": each.verdict, "seen": plain(each.seen), "remedy": each.remedy}
        for each in findings
    ]
    verdict = Verdict.FAIL if failed(findings) else Verdict.OK
    return json.dumps({"verdict": verdict, "checks": checks}, indent=2, ensure_ascii=False)
