"""`flotilla tick`: the simulation. A second process is a spare, which takes over when the first ends."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from app.processes import tick


class Command(BaseCommand):
    help = "Runs the simulation. Needs FLOTILLA_REDIS_URL. A second process waits and takes over."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.ENVIRONMENT.redis_url:
            raise CommandError("FLOTILLA_REDIS_URL is not set: the tick reaches the gateways by Redis only.")
        failure = tick.run(settings.ENVIRONMENT, self._announce)
        if failure is not None:
            raise CommandError(failure)

    def _announce(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
