"""Clients of a private port that ask for /metrics, /livez and /readyz in a loop."""

import http.client
import threading
import time
from typing import Final, Self

PATHS: Final = ("/metrics", "/livez", "/readyz")
PATIENCE_S: Final = 5.0


class Scrapers:
    """Such clients within a block, one thread for each."""

    def __init__(self, address: str, count: int) -> None:
        """`address` is host:port."""
        self.answers: list[tuple[str, int, float]] = []
        """Path, status (0 if there was no answer) and seconds of each request."""
        self._address = address
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._loop, daemon=True) for _ in range(count)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE_S)

    def _loop(self) -> None:
        while not self._over.is_set():
            for path in PATHS:
                began = time.monotonic()
                self.answers.append((path, self._ask(path), time.monotonic() - began))

    def _ask(self, path: str) -> int:
        connection = http.client.HTTPConnection(self._address, timeout=PATIENCE_S)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()
        return answer.status
