"""`flotilla run`: page, sockets and simulation in one process; no Redis, nothing else to start."""

from app.commands.server_command import ServerCommand
from app.processes import serving
from app.settings.kinds import Address


class Command(ServerCommand):
    """Serve the whole product from this process."""

    help = "Runs page, sockets and simulation in one process (the default way to play)."

    def serve(self, address: Address) -> str | None:
        """Serve at `address`."""
        return serving.serve_all(address, self._say)
