"""Makes the project's management commands and system checks known to Django."""

from importlib import import_module

from django.apps import AppConfig


class CommandsConfig(AppConfig):
    name = "app.commands"
    label = "flotilla_config"

    def ready(self) -> None:
        """Register the checks; importing them is what does it."""
        import_module("app.settings.checks")
