"""Django's settings, derived from the environment. Flotilla's own settings are `settings.ENVIRONMENT`."""

import os
from pathlib import Path
from typing import Any

from app.layer.redis import layer_settings
from app.settings.environment import Environment

ENVIRONMENT = Environment.load(os.environ)
APP_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)

ROOT_URLCONF = "app.processes.urls"
ASGI_APPLICATION = "app.processes.asgi.application"
WSGI_APPLICATION = "app.processes.wsgi.application"

# Without "daphne", which installs a Twisted reactor on import: Flotilla installs its own, on uvloop.
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "channels",
    "app.commands",
    "app.web",
]

# HeadersMiddleware comes first, so that every response has the headers: also redirects, static files and errors.
MIDDLEWARE = [
    "app.web.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "app.web.static_files.StaticFilesMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

DATABASES: dict[str, dict[str, Any]] = {}  # the world is in memory and its checkpoint in Redis
CHANNEL_LAYERS = {"default": layer_settings(ENVIRONMENT.redis_url, ENVIRONMENT.redis_prefix)}

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# Static files. Production collects them once, under names with a hash of the content, which browsers cache without
# limit. Local mode serves them from the source folders. The plain names stay, for sites that embed the game.
STATIC_URL = "/static/"
STATIC_ROOT = Path(ENVIRONMENT.static_root).absolute() if ENVIRONMENT.production else None
STORAGES = {
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if ENVIRONMENT.production
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
}
WHITENOISE_USE_FINDERS = not ENVIRONMENT.production
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
WHITENOISE_ROOT = APP_DIR / "web" / "root"  # favicon.ico and robots.txt: browsers and crawlers request these names

# Security. app.web.headers adds the WebSocket of the own host to `connect-src`: some browsers do not include it in
# 'self'.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = ENVIRONMENT.ssl_redirect
SECURE_HSTS_SECONDS = ENVIRONMENT.hsts_seconds
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENVIRONMENT.hsts_subdomains
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.trust_forwarded_proto else None
CSRF_COOKIE_SECURE = ENVIRONMENT.production  # no form uses the cookie yet

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "console": {"()": "app.observability.logging.ConsoleFormatter"},
        "json": {"()": "app.observability.logging.JsonFormatter"},
    },
    "filters": {"outage": {"()": "app.observability.outage.OutageFilter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": ENVIRONMENT.log_format}},
    "root": {"handlers": ["stderr"], "level": ENVIRONMENT.log_level},
    "loggers": {
        "django": {"handlers": []},
        "daphne": {"level": "WARNING"},  # `flotilla run` prints its own address
        "django.server": {"handlers": [], "propagate": True},
        # Any client can request a missing page, another host or send a forged form. These are not faults of the site.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.security.csrf": {"level": "ERROR"},
        # While Redis is unreachable, these two log a traceback per attempt.
        "asyncio": {"filters": ["outage"]},
        "channels_redis.pubsub": {"filters": ["outage"]},
        # gunicorn adds a handler with another format to its access log, if that is turned on.
        "gunicorn.access": {"handlers": [], "propagate": True},
        # Django sends a body for HEAD, which the server drops. gunicorn would log a warning for each.
        "gunicorn.http.wsgi": {"level": "ERROR"},
    },
}
