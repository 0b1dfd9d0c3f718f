"""The site's WebSocket URLs, behind origin validation; `app.processes.urls` has the HTTP URLs."""

from collections.abc import Callable
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path

from app.gateway.gateway import Gateway
from app.gateway.socket.endpoint import Endpoint, refuse_http, refuse_path
from app.gateway.socket.origins import GameOriginValidator
from app.settings.environment import Environment
from app.web.handler import page_application


def asgi_application(environment: Environment, gateway: Callable[[], Gateway], *, page: bool = True) -> Any:
    """Return the ASGI application that serves the sockets of `gateway`, and the page unless `page` is False."""
    sockets = URLRouter(
        [
            re_path(r"^ws/game/$", Endpoint(gateway)),  # type: ignore[arg-type]  # an ASGI application, not a view
            re_path(r"", refuse_path),  # type: ignore[arg-type]  # likewise
        ]
    )
    guarded = GameOriginValidator(
        sockets,
        allowed=[*environment.allowed_hosts, *environment.allowed_origins],
        allow_missing=environment.allow_missing_origin,
    )
    http: Any = page_application() if page else refuse_http
    return ProtocolTypeRouter({"http": http, "websocket": guarded})
