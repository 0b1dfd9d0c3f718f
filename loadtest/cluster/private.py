"""What a role says on its private port: whether it is ready, and its metrics."""

import http.client
import time
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from loadtest.cluster.ports import HOST
from loadtest.cluster.process import LOOK_AGAIN_S, START_S, ClusterError, Process

ANSWER_S: Final = 5.0

Samples = dict[str, float]


def ask(port: int, path: str) -> tuple[int, str]:
    """Return status and body of an answer; 0 if there was none."""
    connection = http.client.HTTPConnection(HOST, port, timeout=ANSWER_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error)
    finally:
        connection.close()


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
    """Return all samples by name and labels, as in `flotilla_closes_total{code="1012"}`; none if nobody answers."""
    status, body = ask(port, "/metrics")
    return samples(body) if status == http.client.OK else {}


def samples(text: str) -> Samples:
    """Return all samples of such a text."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found
