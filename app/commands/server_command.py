"""Base of the commands that serve players: the option --bind and the announcement of the address."""

import abc
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from app.settings.address import Address, parse_address


class ServerCommand(BaseCommand, abc.ABC):
    """A command that serves at an address until a signal."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", help="host:port to listen on (default: FLOTILLA_BIND)")

    def handle(self, *_args: Any, **options: Any) -> None:
        failure = self.serve(_address(options["bind"]) if options["bind"] else settings.ENVIRONMENT.bind)
        if failure is not None:
            raise CommandError(failure)

    @abc.abstractmethod
    def serve(self, address: Address) -> str | None:
        """Serve at `address` until a signal. Return a sentence if that failed."""

    def announce(self, sentence: str) -> None:
        """Print a sentence at once, also into a pipe."""
        self.stdout.write(sentence)
        self.stdout.flush()


def _address(text: str) -> Address:
    try:
        return parse_address(text)
    except ValueError:
        raise CommandError(f"{text!r} is not an address: write it like 127.0.0.1:8000 or [::1]:8000.") from None
