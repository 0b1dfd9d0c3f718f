import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from loadtest.measure.metrics_page import ask, scrape
from loadtest.measure.scraper import Scraper
from loadtest.outcome import CannotRunError


@contextmanager
def private_port(body: str, status: int = 200) -> Iterator[str]:
    """A server with the same body on every page."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/metrics"
        finally:
            server.shutdown()
            thread.join()


METRICS = "# TYPE flotilla_connections gauge\nflotilla_connections 3.0\n# TYPE flotilla_closes counter\n"


def test_a_page_becomes_numbers_by_name() -> None:
    """With their labels."""
    with private_port(METRICS + 'flotilla_closes_total{code="1000"} 5.0\n') as url:
        assert {"flotilla_connections": 3.0, 'flotilla_closes_total{code="1000"}': 5.0} == scrape(url)


@pytest.mark.parametrize(("body", "status"), [("<html>no metrics</html>", 200), ("gone", 404), ("", 200)])
def test_a_port_without_metrics_is_reported_before_the_load(body: str, status: int) -> None:
    """The error names it."""
    with private_port(body, status) as url, pytest.raises(CannotRunError, match="shows no metrics"), Scraper([url], 10):
        pass


def test_without_a_listener_there_is_no_response() -> None:
    """Status 0, also for text that is not a URL."""
    assert 0 == ask("http://127.0.0.1:1/metrics")[0]
    assert 0 == ask("metrics")[0]


def test_it_scrapes_at_both_ends_of_a_run() -> None:
    """Also in a short run; without URLs there are no figures."""
    with private_port(METRICS) as url, Scraper([url, url], 100.0) as scraper:
        assert 6 == scraper.connections
        server = scraper.server()
    assert server is not None
    assert (4, 0) == (server.scrapes, server.scrapes_failed)
    with Scraper([], 100.0) as scraper:
        assert scraper.server() is None
