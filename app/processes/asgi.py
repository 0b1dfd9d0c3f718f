"""The whole product as one ASGI application, for any server; `flotilla run` serves the same through its own Daphne."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings.django")

from django.conf import settings
from django.core.asgi import get_asgi_application

get_asgi_application()  # sets Django up, which the imports below need

from app.processes.assembly import running_gateway
from app.processes.routing import build

application = build(settings.ENVIRONMENT, running_gateway)
