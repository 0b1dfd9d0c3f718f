"""Which pages may open a game socket: the site's own hosts and the listed origins; all others are refused by name.

Browsers always send an Origin, so a foreign one means another site's page. A missing one means that the peer is no
browser; whether those may play is a setting.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import ParseResult, urlparse

from channels.security.websocket import OriginValidator

from app.observability import metrics


class GameOriginValidator(OriginValidator):  # type: ignore[misc]  # channels is untyped here
    """Channels' validator, which also decides on missing origins, counts refusals and bears damaged ones."""

    def __init__(self, application: Any, *, allowed: Sequence[str], allow_missing: bool) -> None:
        """Guard `application`; `allowed` are hosts (any scheme and port) or whole origins."""
        super().__init__(application, list(allowed))
        self._allow_missing = allow_missing

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        """Pass the socket on, or refuse its handshake."""
        reason = self.refusal([value for name, value in scope["headers"] if name == b"origin"])
        if reason is None:
            return await self.application(scope, receive, send)
        await receive()
        metrics.REFUSALS.labels(reason).inc()
        return await send({"type": "websocket.close"})

    def refusal(self, origins: Sequence[bytes]) -> str | None:
        """Return the reason for which a handshake with these Origin headers is refused, or None."""
        if not origins:
            return None if self._allow_missing else "origin_missing"
        if len(origins) > 1:
            return "origin"
        return None if self._matches(origins[0].decode("latin1")) else "origin"

    def _matches(self, origin: str) -> bool:
        try:
            parsed: ParseResult = urlparse(origin)
            return bool(self.valid_origin(parsed))
        except ValueError:  # a damaged address or port
            return False
