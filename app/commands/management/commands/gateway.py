"""`flotilla gateway`: the sockets, one process of many; the tick is another, behind the same Redis."""

from django.conf import settings
from django.core.management.base import CommandError

from app.commands.server_command import ServerCommand
from app.processes import serving
from app.settings.kinds import Address


class Command(ServerCommand):
    """Serve sockets from this process."""

    help = "Serves the game's WebSockets. Needs FLOTILLA_REDIS_URL; as many as you like share one tick."

    def serve(self, address: Address) -> str | None:
        """Serve at `address`."""
        if not settings.ENVIRONMENT.redis_url:
            raise CommandError(
                "FLOTILLA_REDIS_URL is not set: a gateway reaches the tick by Redis only; `flotilla run` needs none."
            )
        return serving.serve_sockets(address, self._say)
