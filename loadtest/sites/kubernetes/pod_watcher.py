"""Observes the pods of a release twice a second in a thread."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from loadtest.measure.metrics_page import Samples
from loadtest.processes.process import SiteError
from loadtest.sites.kubernetes.pod_history import GATEWAY, PodHistory
from loadtest.sites.kubernetes.pods import Pod

PERIOD_S: Final = 0.5
END_S: Final = 30.0

_CONNECTIONS: Final = "flotilla_connections"


class PodWatcher:
    """Observes from its construction to `end`."""

    def __init__(self, pods: Callable[[], Sequence[Pod]], samples: Callable[[Pod], Samples]) -> None:
        self._pods = pods
        self._samples = samples
        self._history = PodHistory()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pod watcher", daemon=True)
        self._look()
        self._thread.start()

    def end(self) -> PodHistory:
        self._over.set()
        self._thread.join(END_S)
        return self._history

    def _run(self) -> None:
        while not self._over.wait(PERIOD_S):
            self._look()

    def _look(self) -> None:
        try:
            pods = self._pods()
        except SiteError:  # the API server was too busy for one look
            return
        connections = {}
        for pod in pods:
            if pod.component == GATEWAY and pod.terminating and _CONNECTIONS in (samples := self._samples(pod)):
                connections[pod.name] = samples[_CONNECTIONS]
        self._history.look(pods, connections, time.monotonic())
