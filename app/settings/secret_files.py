"""A secret may be in a file, as platforms mount it: `FLOTILLA_SECRET_KEY_FILE` names the file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from app.settings.configuration_error import ConfigurationError
from app.settings.variable import Variable

MAX_BYTES: Final = 65_536  # far above any secret; bounds the read of an endless device


def secret_text(variable: Variable, environ: Mapping[str, str]) -> str:
    """Return the value of a secret from its variable or its file, or "" if neither is set.

    Raises ConfigurationError if both are set or the file has no usable text.
    """
    text = environ.get(variable.name, "").strip()
    path = environ.get(variable.file_name or "", "").strip()
    if text and path:
        raise ConfigurationError(f"{variable.name} and {variable.file_name} are both set: keep one of them.")
    return _content(f"{variable.file_name} names {path!r}, which", path) if path else text


def _content(subject: str, path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode().strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ConfigurationError(f"{subject} cannot be read: {reason}.") from None
    if not text or len(text) > MAX_BYTES:
        raise ConfigurationError(f"{subject} {'is empty' if not text else 'is too long'}.")
    return text
