"""The page and its static files as a WSGI application, for gunicorn."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from app.settings.configuration_error import ConfigurationError

EXIT_APP_LOAD_ERROR = 4  # at this code gunicorn's arbiter stops; at others it restarts the worker without end

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings.django")

try:
    application = get_wsgi_application()
except ConfigurationError as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(EXIT_APP_LOAD_ERROR) from None
