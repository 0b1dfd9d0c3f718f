"""Looks at a release's pods twice a second while something happens to them, in a thread of its own."""

import threading
import time
from typing import Final, Self

from loadtest.processes.process import SiteError
from loadtest.sites.kubernetes.pod_history import GATEWAY, Watch
from loadtest.sites.kubernetes.release import Site

PERIOD_S: Final = 0.5
END_S: Final = 30.0

_CONNECTIONS: Final = "flotilla_connections"


class Watcher:
    """Begins to look at once, until it is asked to end."""

    def __init__(self, site: Site) -> None:
        """Start."""
        self._site = site
        self._watch = Watch()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> Self:
        """Look from now on."""
        self._look()
        self._thread.start()
        return self

    def end(self) -> Watch:
        """Look no more; return what was seen."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(END_S)
        return self._watch

    def _run(self) -> None:
        while not self._over.wait(PERIOD_S):
            self._look()

    def _look(self) -> None:
        try:
            pods = self._site.pods()
        except SiteError:  # the API server was too busy for one look
            return
        connections = {}
        for pod in pods:
            if pod.component == GATEWAY and pod.terminating and _CONNECTIONS in (said := self._site.samples(pod)):
                connections[pod.name] = said[_CONNECTIONS]
        self._watch.look(pods, connections, time.monotonic())
