"""`flotilla gateway`: the game's WebSockets. Any number of gateways share one tick and one Redis."""

from django.conf import settings
from django.core.management.base import CommandError

from app.commands.server_command import ServerCommand
from app.processes import gateway, socket_server
from app.settings.address import Address


class Command(ServerCommand):
    help = "Serves the game's WebSockets. Needs FLOTILLA_REDIS_URL. Any number of gateways can share one tick."

    def serve(self, address: Address) -> str | None:
        environment = settings.ENVIRONMENT
        if not environment.redis_url:
            raise CommandError(
                "FLOTILLA_REDIS_URL is not set: a gateway reaches the tick by Redis only; `flotilla run` needs none."
            )
        return socket_server.serve(environment, gateway.role(environment), address, self.announce)
