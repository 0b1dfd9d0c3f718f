"""`flotilla web`: the page and its files, by gunicorn."""

from app.commands.server_command import ServerCommand
from app.processes import web
from app.settings.address import Address


class Command(ServerCommand):
    help = "Serves the page and its files with gunicorn. Needs no Redis. Any number of processes can run."

    def serve(self, address: Address) -> None:
        web.run(address)
