"""The whole product as one ASGI application, for any server; `flotilla run` serves the same through its own Daphne."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.config.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

get_asgi_application()  # sets Django up, which the imports below need

from app.config.assembly import running_gateway
from app.config.routing import build

application = build(settings.ENVIRONMENT, running_gateway)
