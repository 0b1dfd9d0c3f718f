"""`flotilla web`: the page and its files, by gunicorn within this process, so that signals reach it directly."""

from typing import Any

from gunicorn.app.base import Application  # type: ignore[import-untyped]  # gunicorn ships no types

from app.commands.server_command import ServerCommand
from app.settings.kinds import Address


class Command(ServerCommand):
    """Serve the page from this process and its one worker."""

    help = "Serves the page and its files with gunicorn. Needs no Redis; as many as you like."

    def serve(self, address: Address) -> str | None:
        """Serve at `address`; gunicorn ends the process itself, with its own exit codes."""
        _Site(address).run()
        return None


class _Site(Application):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn with the project's configuration, and with no command line of its own."""

    def __init__(self, address: Address) -> None:
        """Take where to listen."""
        self._address = address
        super().__init__(prog="flotilla web")

    def load_config(self) -> None:
        """Read the project's configuration; also called at a reload."""
        self.load_config_from_file("python:app.processes.gunicorn")
        self.cfg.set("bind", str(self._address))

    def load(self) -> Any:
        """Return the WSGI application."""
        from app.processes.wsgi import application

        return application
