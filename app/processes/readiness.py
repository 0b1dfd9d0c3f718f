"""Readiness: whether the balancer should send players to this process; a blip of tick or Redis changes nothing."""

from app.gateway.drain import Drain
from app.gateway.gateway import Gateway


class Readiness:
    """Ready from the first contact with a tick until the drain."""

    def __init__(self, gateway: Gateway, drain: Drain) -> None:
        """Take who knows of ticks, and who knows of the end."""
        self._gateway = gateway
        self._drain = drain
        self._met = False

    def trouble(self) -> str | None:
        """Return the reason for sending nobody, or None; may be called from any thread."""
        if self._drain.begun:
            return "draining"
        self._met = self._met or self._gateway.meets_a_tick()
        return None if self._met else "no frame was seen yet"
