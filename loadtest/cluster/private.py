"""What a role says on its private port: whether it is ready, and its metrics."""

import http.client
import time

from loadtest.cluster.ports import HOST
from loadtest.cluster.process import LOOK_AGAIN_S, START_S, ClusterError, Process
from loadtest.scrape import page
from loadtest.scrape.page import Samples


def ask(port: int, path: str) -> tuple[int, str]:
    """Return status and body of an answer; 0 if there was none."""
    return page.ask(f"http://{HOST}:{port}{path}")


def wait_until_ready(process: Process, port: int, patience_s: float = START_S) -> None:
    """Return when /readyz says so; raises ClusterError if it does not in time."""
    deadline = time.monotonic() + patience_s
    while True:
        status, body = ask(port, "/readyz")
        if status == http.client.OK:
            return
        if not process.running or time.monotonic() > deadline:
            raise ClusterError(f"{process.name} is not ready: {body.strip()}\n{process.tail()}")
        time.sleep(LOOK_AGAIN_S)


def scrape(port: int) -> Samples:
    """Return all samples; none if nobody answers."""
    return page.scrape(f"http://{HOST}:{port}/metrics")
