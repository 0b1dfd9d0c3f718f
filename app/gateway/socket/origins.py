"""The Origin check: pages of the site's own hosts and of the listed origins may open a game socket, others may not.

A browser always sends an Origin, so a foreign one belongs to a page of another site. A missing one belongs to a peer
that is not a browser; a setting decides whether such peers may play.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import ParseResult, urlparse

from channels.security.websocket import OriginValidator

from app.observability import metrics


class GameOriginValidator(OriginValidator):  # type: ignore[misc]  # channels is untyped here
    """Channels' validator, which also handles missing and malformed origins and counts refusals."""

    def __init__(self, application: Any, *, allowed: Sequence[str], allow_missing: bool) -> None:
        """`allowed` has hosts, valid with any scheme and port, and whole origins."""
        super().__init__(application, list(allowed))
        self._allow_missing = allow_missing

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        """Pass the socket to the application, or refuse its handshake."""
        reason = self.refusal([value for name, value in scope["headers"] if name == b"origin"])
        if reason is None:
            return await self.application(scope, receive, send)
        await receive()
        metrics.REFUSALS.labels(reason).inc()
        return await send({"type": "websocket.close"})

    def refusal(self, origins: Sequence[bytes]) -> str | None:
        """Return the reason to refuse a handshake with these Origin headers, or None."""
        if not origins:
            return None if self._allow_missing else "origin_missing"
        if len(origins) > 1:
            return "origin"
        return None if self._matches(origins[0].decode("latin1")) else "origin"

    def _matches(self, origin: str) -> bool:
        try:
            parsed: ParseResult = urlparse(origin)
            return bool(self.valid_origin(parsed))
        except ValueError:  # a malformed address or port
            return False
