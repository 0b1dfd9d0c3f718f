"""A service behind nginx that records requests and sends the response of a test."""

import contextlib
import http.client
import http.server
import threading
from collections.abc import Iterator
from typing import Any, Final

PATIENCE_S: Final = 10.0

Answer = tuple[int, dict[str, str]]


class Upstream(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, host: str, port: int, answer: Answer = (200, {})) -> None:
        """`answer` is the status and the headers of every response."""
        super().__init__((host, port), _Handler)
        self.answer = answer
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.seen: list[http.client.HTTPMessage] = []

    @contextlib.contextmanager
    def running(self) -> Iterator["Upstream"]:
        """Serve within the block."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.may_answer.set()
            self.shutdown()
            thread.join()
            self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Upstream

    def do_GET(self) -> None:  # the library's name
        self.server.seen.append(self.headers)
        self.server.may_answer.wait(PATIENCE_S)
        status, headers = self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        body = f"{self.server.server_address[0]}".encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""
