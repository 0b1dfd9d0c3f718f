"""The page, and the response to a request for the WebSocket by plain HTTP."""

from typing import Final

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from app.web.rendering import rendered

PICTURE: Final = "web/opengraph.png"  # 1200 × 630, for link previews

NOT_FOUND: Final = 404
UPGRADE_REQUIRED: Final = 426  # RFC 9110, section 15.5.22
UPGRADE_SENTENCE: Final = (
    "This address is for WebSockets only: open the site's page to play, or connect a client as in docs/protocol.md.\n"
)


@require_safe
@cache_control(no_cache=True)  # otherwise a browser would not load the next release's script
def page(request: HttpRequest) -> HttpResponse:
    """Return the page of the game; link previews need absolute addresses."""
    addresses = {
        "address": request.build_absolute_uri("/"),
        "picture": request.build_absolute_uri(static(PICTURE)),
    }
    return rendered(request, "web/page.html", addresses)


@csrf_exempt
def not_found(request: HttpRequest) -> HttpResponse:
    """Return 404 for every other address, without an exception, whose traceback would be cyclic garbage."""
    return rendered(request, "404.html", status=NOT_FOUND)


@csrf_exempt
def upgrade_required(request: HttpRequest) -> HttpResponse:
    """Return 426 with a sentence, and under ASGI the headers that name the upgrade."""
    response = HttpResponse(UPGRADE_SENTENCE, status=UPGRADE_REQUIRED, content_type="text/plain; charset=utf-8")
    if isinstance(request, ASGIRequest):  # WSGI (PEP 3333) forbids hop-by-hop headers to applications
        response["Upgrade"], response["Connection"] = "websocket", "Upgrade"
    return response
