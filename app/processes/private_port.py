"""The private port of a process, by role and settings."""

import os
from typing import Final

from app.observability import metrics
from app.observability.health import Health
from app.observability.private_port import PrivatePort
from app.settings.environment import Environment

VARIABLE: Final = "FLOTILLA_PRIVATE_BIND"


def private_port(environment: Environment, health: Health, role: str) -> PrivatePort:
    """Return the port, not yet open, of a process in `role`: run, web, gateway or tick.

    Several processes on one machine share the default address. The first gets it, and the others run without one. If
    the operator sets the address, the port must open.
    """
    metrics.set_role(role)
    host, port = environment.private_bind
    return PrivatePort(host, port, health, explicit=bool(os.environ.get(VARIABLE, "").strip()))
