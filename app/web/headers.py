"""Security headers of every response: those for which Django has no setting, and the completed policy of the page.

The Content-Security-Policy and all other headers come from `app/settings/django.py`.
"""

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
"""Features of the browser that the game does not use, so that no script of its page may request them."""

HEADERS: Final = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES),
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class HeadersMiddleware(CSPMiddleware):
    """Sets `HEADERS`, and adds the game's WebSocket to the Content-Security-Policy of the settings."""

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
        with suppress(DisallowedHost):  # then the response is an error page without a game
            sources = socket_sources(request.get_host(), secure=request.is_secure())
            parts.update = {**(parts.update or {}), "connect-src": sources}
        return parts


def socket_sources(host: str, *, secure: bool) -> list[str]:
    """Return the policy's sources for the WebSocket at `host`, a name that Django has checked.

    `ws:` is only for pages without TLS. `wss:` is for all, since a proxy may end TLS without reporting it. A policy
    cannot contain an IPv6 address: 'self' has to suffice, and does in current browsers.
    """
    if host.startswith("["):
        return []
    return [f"wss://{host}"] if secure else [f"wss://{host}", f"ws://{host}"]
