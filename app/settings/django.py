"""Django's settings, all derived from the environment; other code reads Flotilla's own as `settings.ENVIRONMENT`."""

import os
from pathlib import Path
from typing import Any

from app.layer.redis import layer_settings
from app.settings.environment import Environment
from app.settings.secret_files import with_secrets

ENVIRONMENT = Environment.load(with_secrets(os.environ))
APP_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)

ROOT_URLCONF = "app.processes.urls"
ASGI_APPLICATION = "app.processes.asgi.application"
WSGI_APPLICATION = "app.processes.wsgi.application"

# "daphne" must stay out: it installs a Twisted reactor on import, and Flotilla installs its own, over uvloop.
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "channels",
    "app.commands",
    "app.web",
]

# The headers come first, so that the answers of all below carry them: redirects, static files and errors too.
MIDDLEWARE = [
    "app.web.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "app.web.static_files.StaticFilesMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

DATABASES: dict[str, dict[str, Any]] = {}  # the world lives in memory, what outlives a process in Redis
CHANNEL_LAYERS = {"default": layer_settings(ENVIRONMENT.redis_url, ENVIRONMENT.redis_prefix)}

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# Static files. In production they are collected once, under names that carry a hash of the content and are cached for
# ever; locally they are served from where they lie. The plain names stay too, for sites that embed the game.
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
WHITENOISE_ROOT = (
    APP_DIR / "web" / "root"
)  # favicon.ico and robots.txt, which browsers and crawlers ask for by these names

# Security. `connect-src` gets the WebSocket of the own host per answer (app.web.headers): not every browser counts it
# as 'self'.
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
CSRF_COOKIE_SECURE = ENVIRONMENT.production  # no form asks for the cookie yet; the first that does finds it safe

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
        "daphne": {"level": "WARNING"},  # `flotilla run` says itself where it listens
        "django.server": {"handlers": [], "propagate": True},
        # Anybody can ask for what is not there, by a name that is not ours or with a form that we did not send; none of
        # these is an event of this site.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.security.csrf": {"level": "ERROR"},
        # These two log what libraries meet while Redis is away: a traceback per attempt.
        "asyncio": {"filters": ["outage"]},
        "channels_redis.pubsub": {"filters": ["outage"]},
        # gunicorn gives its access log, where it is turned on, a handler of its own, in another format.
        "gunicorn.access": {"handlers": [], "propagate": True},
        # Django answers HEAD with a body and leaves it to the server to drop it: this one would warn of each.
        "gunicorn.http.wsgi": {"level": "ERROR"},
    },
}
