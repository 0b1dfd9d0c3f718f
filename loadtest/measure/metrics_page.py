"""The page /metrics of one process as numbers by name."""

import http.client
import urllib.error
import urllib.request
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

ANSWER_S: Final = 5.0
MAX_BYTES: Final = 1 << 24  # of a page; no page of ours is longer

Samples = dict[str, float]

_direct: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url: str) -> tuple[int, str]:
    """Return status and body of the response; 0 and the error if there is none."""
    try:
        with _direct.open(url, timeout=ANSWER_S) as answer:
            return answer.status, answer.read(MAX_BYTES).decode(errors="replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(MAX_BYTES).decode(errors="replace")
    except (OSError, ValueError, http.client.HTTPException) as error:
        return 0, repr(error)


def scrape(url: str) -> Samples:
    """Return all samples by name and labels, as in `flotilla_closes_total{code="1012"}`; empty if there is no page."""
    status, body = ask(url)
    if status != http.client.OK:
        return {}
    try:
        return parse(body)
    except ValueError:
        return {}


def parse(body: str) -> Samples:
    """Return the samples of a page; raises ValueError for other text."""
    samples: Samples = {}
    for family in text_string_to_metric_families(body):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            samples[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return samples


def by_label(samples: Samples, name: str) -> Samples:
    """Return the samples of one metric by the value of its only label."""
    begin = f"{name}{{"
    found = {key: value for key, value in samples.items() if key.startswith(begin)}
    return {key.split('"')[1]: value for key, value in found.items()}
