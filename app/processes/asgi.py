"""The whole product as one ASGI application, for any server. `flotilla run` serves the same by its own Daphne."""

import os
from functools import cache

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings.django")

from django.conf import settings
from django.core.asgi import get_asgi_application

get_asgi_application()  # sets Django up, which the imports below need

from app.gateway.gateway import Gateway
from app.processes.all_in_one import AllInOne
from app.processes.routing import asgi_application


@cache
def _process() -> AllInOne:
    return AllInOne(settings.ENVIRONMENT)


def _running_gateway() -> Gateway:
    """Return the gateway of this process. The first call starts it, and its tick, in the running loop."""
    _process().start()
    return _process().gateway


application = asgi_application(settings.ENVIRONMENT, _running_gateway)
