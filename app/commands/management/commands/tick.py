"""`flotilla tick`: the simulation, one process; a second one waits for the first to go."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from app.processes import ticking


class Command(BaseCommand):
    """Move the world."""

    help = "Runs the simulation. Needs FLOTILLA_REDIS_URL; a second process waits and takes over."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run until a signal."""
        if not settings.ENVIRONMENT.redis_url:
            raise CommandError("FLOTILLA_REDIS_URL is not set: the tick reaches the gateways by Redis only.")
        failure = ticking.run(self._say)
        if failure is not None:
            raise CommandError(failure)

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
