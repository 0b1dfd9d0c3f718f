"""Scrapes the private ports of a server every few seconds, in a separate thread, so that no player is delayed."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Self

from loadtest.measure.metrics_page import ANSWER_S, Samples, scrape
from loadtest.measure.result import Server
from loadtest.measure.server_metrics import ServerMetrics
from loadtest.outcome import CannotRunError

EVERY_S: Final = 5.0  # 100 ticks: what a p99 needs; a page costs a server some ms
LEAST_S: Final = 1.0  # in a short test
SCRAPES: Final = 10  # in a short test


class Scraper:
    """Scrapes within a block: at its beginning, at its end, and in between."""

    def __init__(self, urls: Sequence[str], seconds: float) -> None:
        self._urls = urls
        self._every_s = min(EVERY_S, max(LEAST_S, seconds / SCRAPES))
        self._metrics = ServerMetrics()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scraper", daemon=True)
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(urls)), thread_name_prefix="scraper")
        self._begun = time.monotonic()

    def __enter__(self) -> Self:
        """Scrape once, then periodically; raises CannotRunError if a port does not answer."""
        pages = self._pages()
        for url, page in zip(self._urls, pages, strict=True):
            if not page:
                self._pool.shutdown()
                raise CannotRunError(
                    f"{url} shows no metrics: is it the private port, as in http://127.0.0.1:9000/metrics?"
                )
        self._take(pages)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(2 * ANSWER_S)
        self._pool.shutdown(wait=False)

    @property
    def connections(self) -> int | None:
        """Number of sockets; None if no page has it."""
        with self._lock:
            return self._metrics.connections

    @property
    def tick_p99_ms(self) -> float | None:
        """Of the last hundred ticks or more; None if no page has ticks."""
        with self._lock:
            return self._metrics.tick_p99_ms

    def server(self) -> Server | None:
        """Scrape a last time and return the figures; None without URLs."""
        if not self._urls:
            return None
        self._over.set()
        self._take(self._pages())
        with self._lock:
            return self._metrics.server()

    def _run(self) -> None:
        while self._urls and not self._over.wait(self._every_s):
            self._take(self._pages())

    def _pages(self) -> list[Samples]:
        return list(self._pool.map(scrape, self._urls))

    def _take(self, pages: list[Samples]) -> None:
        with self._lock:
            self._metrics.take(time.monotonic() - self._begun, pages)
