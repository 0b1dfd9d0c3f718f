"""Makes the room's templates and static files known to Django."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "app.web"
