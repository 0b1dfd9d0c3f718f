"""A secret may lie in a file, as platforms mount one: `FLOTILLA_SECRET_KEY_FILE` names it, and the like for others."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from app.settings.environment import VARIABLES, ConfigurationError

SUFFIX: Final = "_FILE"
MAX_BYTES: Final = 65_536  # far above any secret; a device that never ends is none

NAMES: Final = {variable.name + SUFFIX: variable.name for variable in VARIABLES if variable.kind.secret}


def with_secrets(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return `environ` with the secrets that it names files for. Raises ConfigurationError."""
    paths = {name: path for name in NAMES if (path := environ.get(name, "").strip())}
    return {**environ, **{NAMES[name]: _secret(name, path, environ) for name, path in paths.items()}}


def _secret(name: str, path: str, environ: Mapping[str, str]) -> str:
    if environ.get(NAMES[name], "").strip():
        raise ConfigurationError(f"{NAMES[name]} and {name} are both set: keep one of them.")
    try:
        with Path(path).open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode().strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ConfigurationError(f"{name} names {path!r}, which cannot be read: {reason}.") from error
    if not text or len(text) > MAX_BYTES:
        raise ConfigurationError(f"{name} names {path!r}, which {'is empty' if not text else 'is too long'}.")
    return text
