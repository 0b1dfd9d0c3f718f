"""Every answer of the site carries its security headers: pages, errors, redirects and static files alike."""

from contextlib import suppress
from typing import Final

from csp.middleware import CSPMiddleware, PolicyParts
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase

UNUSED_FEATURES: Final = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
)
"""Features of the browser that the game has no use for, and which therefore no script of its page may ask for."""

HEADERS: Final = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES),
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class HeadersMiddleware(CSPMiddleware):
    """Content-Security-Policy from the settings, plus the headers for which Django has no setting."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return super().process_response(request, response)

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        with suppress(DisallowedHost):  # then the answer is an error page, and plays no game
            sources = socket_sources(request.get_host(), secure=request.is_secure())
            parts.update = {**(parts.update or {}), "connect-src": sources}
        return parts


def socket_sources(host: str, *, secure: bool) -> list[str]:
    """Sources of the WebSocket at `host`, a name that Django has checked; `ws:` only where the page is not secure.

    The `wss:` is there without TLS too, since a proxy that does not say so may have ended it. An IPv6 address cannot be
    written in a policy; there 'self' must do, which is all that current browsers need.
    """
    if host.startswith("["):
        return []
    return [f"wss://{host}"] if secure else [f"wss://{host}", f"ws://{host}"]
