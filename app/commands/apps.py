"""The Django application that provides Flotilla's management commands and system checks."""

from importlib import import_module

from django.apps import AppConfig


class CommandsConfig(AppConfig):
    name = "app.commands"
    label = "flotilla_config"

    def ready(self) -> None:
        import_module("app.settings.checks")  # the import registers them
