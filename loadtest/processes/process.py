"""One program that was started here: its log, its signals, its end. Everything goes by its own id and is bounded."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from loadtest.paths import ROOT

START_S: Final = 30.0  # longest start that a busy machine may need
STOP_S: Final = 15.0  # from SIGTERM to SIGKILL: more than a drain of the tests takes
LOOK_AGAIN_S: Final = 0.02
TAIL: Final = 2000  # characters of a log that an error shows

_SYSTEM_FOLDERS: Final = (
    "/usr/sbin",
    "/usr/local/sbin",
)  # where servers are, and the PATH of people often does not lead


class SiteError(Exception):
    """A process that did not do what it should; the message is for a person."""


class Process:
    """A running program. What it prints goes to `log`, which is added to if it exists."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str], folder: Path = ROOT
    ) -> None:
        """Start it in `folder` and a group of its own: a Ctrl-C meant for us must not reach it behind our back."""
        self.name = name
        self.log = log
        self._begin = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._popen = subprocess.Popen(  # noqa: S603  # command lines of this package
                list(command),
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its id."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._popen.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; one that has ended does not mind."""
        self._popen.send_signal(number)

    def wait(self, patience_s: float = STOP_S) -> int:
        """Return its exit code when it has ended; raises SiteError when it does not in time."""
        try:
            return self._popen.wait(patience_s)
        except subprocess.TimeoutExpired:
            raise SiteError(f"{self.name} did not end within {patience_s:g} s.\n{self.tail()}") from None

    def kill(self) -> None:
        """End it without a chance to say anything."""
        self._popen.kill()
        self._popen.wait()

    def stop(self, patience_s: float = STOP_S) -> None:
        """End it kindly, then in any way, with all that it started; also when it was stopped by SIGSTOP."""
        if self.running:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            try:
                self._popen.wait(patience_s)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self._popen.wait()

    def said(self) -> str:
        """Return what it logged since it was started."""
        with self.log.open("rb") as log:
            log.seek(self._begin)
            return log.read().decode(errors="replace")

    def tail(self) -> str:
        """Return the end of its log."""
        return self.said()[-TAIL:]

    def wait_for(self, pattern: str, patience_s: float = START_S) -> "re.Match[str]":
        """Return the first match in its log; raises SiteError if it ends, or the time does, before there is one."""
        deadline = time.monotonic() + patience_s
        while True:
            running = self.running  # before the look, so that its last words count
            found = re.search(pattern, self.said())
            if found is not None:
                return found
            if not running or time.monotonic() > deadline:
                reason = f"did not say {pattern!r} within {patience_s:g} s" if running else "ended"
                raise SiteError(f"{self.name} {reason}.\n{self.tail()}")
            time.sleep(LOOK_AGAIN_S)


def program(name: str) -> str:
    """Return the path of a system's program; raises SiteError with the remedy if it is missing."""
    folders = os.environ.get("PATH", "").split(os.pathsep) + list(_SYSTEM_FOLDERS)
    for folder in folders:
        path = Path(folder) / name
        if folder and path.is_file() and os.access(path, os.X_OK):
            return str(path)
    raise SiteError(f"There is no {name} on this machine: install it (on Debian: sudo apt-get install {name}).")
