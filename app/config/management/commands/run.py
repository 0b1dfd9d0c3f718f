"""`flotilla run`: page, sockets and simulation in one process; no Redis, nothing else to start."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from app.config import serving
from app.config.kinds import Address, parse_address


class Command(BaseCommand):
    """Serve the whole product from this process."""

    help = "Runs page, sockets and simulation in one process (the default way to play)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the address."""
        parser.add_argument("--bind", help="host:port to listen on (default: FLOTILLA_BIND)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until a signal."""
        address = _address(options["bind"]) if options["bind"] else settings.ENVIRONMENT.bind
        failure = serving.serve(address, self._say)
        if failure is not None:
            raise CommandError(failure)

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def _address(text: str) -> Address:
    try:
        return parse_address(text)
    except ValueError:
        raise CommandError(f"{text!r} is no address: write it like 127.0.0.1:8000 or [::1]:8000.") from None
