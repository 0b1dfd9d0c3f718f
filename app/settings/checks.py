"""System checks for faults that do not keep Flotilla from starting: misspelt names and missing files."""

import difflib
import os
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage, Info, Tags, Warning, register  # noqa: A004  # Django's name for this level

from app.settings.environment import VARIABLES
from app.settings.unknown_names import unknown_names

FRONT_END = "flotilla/flotilla-game.js"


@register
def check_variable_names(**kwargs: Any) -> list[CheckMessage]:
    return unknown_variables(os.environ)


@register(Tags.staticfiles)
def check_static_files(**kwargs: Any) -> list[CheckMessage]:
    return missing_collection() if settings.ENVIRONMENT.production else missing_front_end()


def unknown_variables(environ: Mapping[str, str]) -> list[CheckMessage]:
    """Return one warning for each unknown name, with the nearest known one."""
    return [
        Warning(f"{name} is not a setting of Flotilla and has no effect.", hint=_hint(name), id="flotilla.W001")
        for name in unknown_names(environ)
    ]


def missing_front_end() -> list[CheckMessage]:
    """Return information, not a warning: servers and their tests run without the page's script."""
    if finders.find(FRONT_END):
        return []
    hint = "Run `make install`, or `npm ci && npm run build` in frontend/."
    return [Info("The front end is not built, so the page has no game.", hint=hint, id="flotilla.I001")]


def missing_collection() -> list[CheckMessage]:
    """Return information, not a warning: only the web role serves static files."""
    if (settings.STATIC_ROOT / "staticfiles.json").is_file():
        return []
    hint = "Run `flotilla collectstatic --noinput`, or set FLOTILLA_STATIC_ROOT to the folder of its output."
    message = f"Static files are not collected in {settings.STATIC_ROOT}, so the page cannot be served."
    return [Info(message, hint=hint, id="flotilla.I002")]


def _hint(name: str) -> str:
    near = difflib.get_close_matches(name, [variable.name for variable in VARIABLES], n=1)
    return f"Did you mean {near[0]}?" if near else "docs/configuration.md lists all settings; remove this one."
