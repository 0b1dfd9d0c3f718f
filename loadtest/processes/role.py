"""One process of Flotilla: a gateway, a tick or the web role, on ports that stay the same over restarts."""

import http.client
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from loadtest.measure import metrics_page
from loadtest.measure.metrics_page import Samples
from loadtest.paths import ROOT
from loadtest.processes.ports import HOST, free_port, listens
from loadtest.processes.service import Service

FLOTILLA: Final = (sys.executable, "-m", "app")


class Role(Service):
    """A role of Flotilla with its private port."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        public: bool,
        release: Path = ROOT,
    ) -> None:
        """Start it, with a public port if `public`. `release` is the folder of the `app` that it runs."""
        self.port = free_port() if public else 0
        self.private_port = free_port()
        binds = {"FLOTILLA_PRIVATE_BIND": f"{HOST}:{self.private_port}"}
        if public:
            binds["FLOTILLA_BIND"] = f"{HOST}:{self.port}"
        super().__init__(name, list(command), folder, {**environment, **binds}, release)

    def wait_until_listening(self) -> None:
        self.process.wait_until(lambda: listens(self.port), "did not listen")

    def wait_until_ready(self) -> None:
        self.process.wait_until(lambda: self.ask("/readyz")[0] == http.client.OK, "was not ready")

    def ask(self, path: str) -> tuple[int, str]:
        """Return status and body of an answer of the private port. The status is 0 if there is no answer."""
        return metrics_page.ask(f"http://{HOST}:{self.private_port}{path}")

    def samples(self) -> Samples:
        """Return the metrics, or none if there is no answer."""
        return metrics_page.scrape(f"http://{HOST}:{self.private_port}/metrics")
