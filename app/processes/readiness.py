"""Readiness: whether the load balancer may send players to this process."""

from app.gateway.drain import Drain
from app.gateway.gateway import Gateway


class Readiness:
    """Ready from the first contact with a tick until the drain; a later loss of tick or Redis changes nothing."""

    def __init__(self, gateway: Gateway, drain: Drain) -> None:
        self._gateway = gateway
        self._drain = drain
        self._met = False

    def not_ready_reason(self) -> str | None:
        """Return why this process is not ready, or None. Any thread may call it."""
        if self._drain.begun:
            return "draining"
        self._met = self._met or self._gateway.meets_a_tick()
        return None if self._met else "no frame was seen yet"
