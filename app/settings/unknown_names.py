"""Variables of the environment that begin like a setting of Flotilla and are none."""

import re
from collections.abc import Mapping

from app.settings.environment import PREFIX, VARIABLES

# Kubernetes describes every Service of a namespace to every container; those of `flotilla…` share the prefix.
_SERVICE_LINK = re.compile(r"\w+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP)(_(ADDR|PORT|PROTO))?)")


def unknown_names(environ: Mapping[str, str]) -> list[str]:
    """Names that begin like a setting of Flotilla and are none, sorted: most often a slip of the pen."""
    known = {variable.name for variable in VARIABLES}
    strange = (name for name in environ if name.startswith(PREFIX) and name not in known)
    return sorted(name for name in strange if not _is_service_link(name, environ[name]))


def _is_service_link(name: str, value: str) -> bool:
    return bool(_SERVICE_LINK.fullmatch(name)) or (name.endswith("_PORT") and value.startswith(("tcp://", "udp://")))
