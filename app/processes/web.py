"""The role `web`: the page and its files, by gunicorn in this process, so that signals reach gunicorn directly."""

from typing import Any

from gunicorn.app.base import Application  # type: ignore[import-untyped]  # gunicorn ships no types

from app.settings.address import Address


def run(address: Address) -> None:
    """Serve at `address` until a signal. gunicorn exits with its own codes."""
    _Site(address).run()


class _Site(Application):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn with the configuration of `app.processes.gunicorn`, and without a command line."""

    def __init__(self, address: Address) -> None:
        self._address = address
        super().__init__(prog="flotilla web")

    def load_config(self) -> None:
        """Load the configuration; gunicorn also calls it at a reload."""
        self.load_config_from_file("python:app.processes.gunicorn")
        self.cfg.set("bind", str(self._address))

    def load(self) -> Any:
        from app.processes.wsgi import application

        return application
