"""Django's handler of ASGI requests, without the cycle that each of its requests leaves behind."""

from typing import Any

import django
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler


class _Receive:
    """The `receive` of one request, with the exception that its end raised."""

    def __init__(self, receive: Any) -> None:
        self._receive = receive
        self.aborted: RequestAborted | None = None

    async def __call__(self) -> Any:
        return await self._receive()


class PageHandler(ASGIHandler):
    """Forgets the traceback of the exception by which Django notes the end of a request.

    Its frames refer to the task that has the exception, and to the request and the response. So about 7 KB of each
    request would wait for a full collection.
    """

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        remembered = _Receive(receive)
        try:
            await super().handle(scope, remembered, send)
        finally:
            if remembered.aborted is not None:
                remembered.aborted.__traceback__ = None

    async def listen_for_disconnect(self, receive: Any) -> None:
        try:
            await super().listen_for_disconnect(receive)
        except RequestAborted as aborted:
            receive.aborted = aborted
            raise


def page_application() -> PageHandler:
    """Set Django up, as its `get_asgi_application` does, and return the handler."""
    django.setup(set_prefix=False)
    return PageHandler()
