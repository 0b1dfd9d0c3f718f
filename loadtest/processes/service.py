"""A program that keeps its name, log and ports when it is killed and started again."""

import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from loadtest.paths import ROOT
from loadtest.processes.process import Process


class Service:
    """One such program. `release` is the folder in which its next start runs."""

    def __init__(
        self, name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str], release: Path = ROOT
    ) -> None:
        """Start it with its log in `folder`."""
        self.name = name
        self.release = release
        self._command = command
        self._log = folder / f"{name}.log"
        self._environment = environment
        self.start()

    def start(self) -> None:
        """Start it, also after an end. Raises SiteError if it does not come up."""
        self.process = Process(self.name, self._command, self._log, self._environment, self.release)
        try:
            self.wait_until_up()
        except BaseException:  # a Ctrl-C, too: nothing else has a reference to the process yet
            self.stop()
            raise

    def wait_until_up(self) -> None:
        """Return when the start is complete."""

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process.running

    def kill(self) -> None:
        self.process.kill()

    def terminate(self) -> int:
        """Send SIGTERM and return the exit code. Raises SiteError if the process does not end in time."""
        self.process.signal(signal.SIGTERM)
        return self.process.wait()

    def pause(self) -> None:
        """Send SIGSTOP."""
        self.process.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Send SIGCONT."""
        self.process.signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it: SIGTERM, later SIGKILL."""
        self.process.stop()
