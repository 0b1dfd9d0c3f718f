"""What a role says on its private port: whether it is ready, and its metrics."""

import http.client
import time

from loadtest.measure import metrics_page
from loadtest.measure.metrics_page import Samples
from loadtest.processes.ports import HOST
from loadtest.processes.process import LOOK_AGAIN_S, START_S, Process, SiteError


def ask(port: int, path: str) -> tuple[int, str]:
    """Return status and body of an answer; 0 if there was none."""
    return metrics_page.ask(f"http://{HOST}:{port}{path}")


def wait_until_ready(process: Process, port: int, patience_s: float = START_S) -> None:
    """Return when /readyz says so; raises SiteError if it does not in time."""
    deadline = time.monotonic() + patience_s
    while True:
        status, body = ask(port, "/readyz")
        if status == http.client.OK:
            return
        if not process.running or time.monotonic() > deadline:
            raise SiteError(f"{process.name} is not ready: {body.strip()}\n{process.tail()}")
        time.sleep(LOOK_AGAIN_S)


def scrape(port: int) -> Samples:
    """Return all samples; none if nobody answers."""
    return metrics_page.scrape(f"http://{HOST}:{port}/metrics")
