"""One process of Flotilla: a gateway, a tick or the web role, on ports that stay its own over restarts."""

import contextlib
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from loadtest.measure.metrics_page import Samples
from loadtest.paths import ROOT
from loadtest.processes import private_port
from loadtest.processes.ports import HOST, free_port
from loadtest.processes.process import LOOK_AGAIN_S, START_S, Process, SiteError

FLOTILLA: Final = (sys.executable, "-m", "app")


class Role:
    """A role that can be killed, stopped and started again."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        listens: bool,
        release: Path = ROOT,
    ) -> None:
        """Start it; `listens` if it has a port for the public, `release` is the folder of the `app` that it runs."""
        self.name = name
        self.release = release  # another one holds from the next start on
        self.port = free_port() if listens else 0
        self.private_port = free_port()
        self._command = list(command)
        self._log = folder / f"{name}.log"
        self._environment = {
            **environment,
            "FLOTILLA_PRIVATE_BIND": f"{HOST}:{self.private_port}",
            **({"FLOTILLA_BIND": f"{HOST}:{self.port}"} if listens else {}),
        }
        self.process = self._started()

    @property
    def pid(self) -> int:
        """The id of its present process."""
        return self.process.pid

    def start_again(self) -> None:
        """Start it after it ended, and return at once."""
        self.process = self._started()

    def kill(self) -> None:
        """End it without a chance to say anything."""
        self.process.kill()

    def terminate(self) -> None:
        """Send SIGTERM and return at once."""
        self.process.signal(signal.SIGTERM)

    def pause(self) -> None:
        """Stop it in its tracks."""
        self.process.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self.process.signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it kindly, then in any way."""
        self.process.stop()

    def wait_until_listening(self) -> None:
        """Return when its port takes connections."""
        deadline = time.monotonic() + START_S
        while not _answers(self.port):
            if not self.process.running or time.monotonic() > deadline:
                raise SiteError(f"{self.name} does not listen.\n{self.process.tail()}")
            time.sleep(LOOK_AGAIN_S)

    def wait_until_ready(self) -> None:
        """Return when it says that it is ready."""
        private_port.wait_until_ready(self.process, self.private_port)

    def samples(self) -> Samples:
        """Return its metrics."""
        return private_port.scrape(self.private_port)

    def _started(self) -> Process:
        return Process(self.name, self._command, self._log, self._environment, self.release)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False
