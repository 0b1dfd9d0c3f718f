"""Variables whose names begin like a setting of Flotilla but are not settings, most often because of a typing error."""

import re
from collections.abc import Mapping

from app.settings.environment import SECRET_FILES, VARIABLES
from app.settings.variable import PREFIX

# Kubernetes describes every Service of a namespace to every container; Services named `flotilla…` share the prefix.
_SERVICE_LINK = re.compile(r"\w+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP)(_(ADDR|PORT|PROTO))?)")


def unknown_names(environ: Mapping[str, str]) -> list[str]:
    """Return the unknown names that begin with the prefix, sorted, without those that Kubernetes sets."""
    known = {variable.name for variable in VARIABLES} | set(SECRET_FILES)
    unknown = (name for name in environ if name.startswith(PREFIX) and name not in known)
    return sorted(name for name in unknown if not _is_service_link(name, environ[name]))


def _is_service_link(name: str, value: str) -> bool:
    return bool(_SERVICE_LINK.fullmatch(name)) or (name.endswith("_PORT") and value.startswith(("tcp://", "udp://")))
