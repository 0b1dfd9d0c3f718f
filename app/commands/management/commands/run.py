"""`flotilla run`: page, sockets and simulation in one process. It needs no Redis."""

from django.conf import settings

from app.commands.server_command import ServerCommand
from app.processes import all_in_one, socket_server
from app.settings.address import Address


class Command(ServerCommand):
    help = "Runs page, sockets and simulation in one process (the default way to play)."

    def serve(self, address: Address) -> str | None:
        environment = settings.ENVIRONMENT
        return socket_server.serve(environment, all_in_one.role(environment), address, self.announce)
