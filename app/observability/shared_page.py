"""The page of metrics, rendered at most once a second and shared by all who ask."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client.exposition import choose_encoder, gzip_accepted

PERIOD_S: Final = 1.0  # seconds for which a page is shared; Prometheus asks every 15 s or so

_Page = tuple[str, list[tuple[str, str]], bytes]  # status, headers and body


class SharedPage:
    """Serves an application whose answer depends only on time and on the formats that the client accepts."""

    def __init__(self, application: WSGIApplication, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` is monotonic, in seconds."""
        self._application = application
        self._clock = clock
        self._lock = threading.Lock()
        self._pages: dict[tuple[str, bool], tuple[float, _Page]] = {}  # by format: when it was rendered, and the page

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer with a page that is at most PERIOD_S old."""
        accepts = environ.get("HTTP_ACCEPT", "")
        key = (choose_encoder(accepts)[1], gzip_accepted(environ.get("HTTP_ACCEPT_ENCODING", "")))
        with self._lock:  # who comes meanwhile gets the same page
            rendered_at, page = self._pages.get(key, (None, None))
            now = self._clock()
            if page is None or rendered_at is None or now - rendered_at >= PERIOD_S:
                page = self._render(environ)
                self._pages[key] = (now, page)
        status, headers, body = page
        start(status, headers)
        return [body]

    def _render(self, environ: WSGIEnvironment) -> _Page:
        answered: list[tuple[str, list[tuple[str, str]]]] = []

        def started(status: str, headers: list[tuple[str, str]], *_error: Any) -> Any:
            answered.append((status, headers))

        # Without the query: each filter would be another page.
        body = b"".join(self._application({**environ, "REQUEST_METHOD": "GET", "QUERY_STRING": ""}, started))
        ((status, headers),) = answered
        return status, headers, body
