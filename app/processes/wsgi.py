"""The page and its static files as a WSGI application, for gunicorn."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from app.settings.environment import ConfigurationError

EXIT_APP_LOAD_ERROR = 4  # on this code gunicorn's arbiter gives up; on others it starts the worker again, for ever

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings.django")

try:
    application = get_wsgi_application()
except ConfigurationError as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(EXIT_APP_LOAD_ERROR) from None
