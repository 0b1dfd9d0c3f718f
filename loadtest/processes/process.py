"""One started program: its log, its signals and its end. Every wait is bounded."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final, TypeVar

from loadtest.outcome import CannotRunError
from loadtest.paths import ROOT

START_S: Final = 30.0  # longest start on a busy machine
STOP_S: Final = 15.0  # from SIGTERM to SIGKILL: longer than a drain of the tests
LOOK_AGAIN_S: Final = 0.02
TAIL: Final = 2000  # characters of a log that an error shows

_SYSTEM_FOLDERS: Final = ("/usr/sbin", "/usr/local/sbin")  # servers are here, and often not on the PATH

T = TypeVar("T")


class SiteError(CannotRunError):
    """A process or a release is not in the state that it should be in. A scenario fails by it."""


def wait_until(
    done: Callable[[], T | None], patience_s: float, trouble: Callable[[], str], pause_s: float = LOOK_AGAIN_S
) -> T:
    """Return the first true value of `done`. Raises SiteError with `trouble` if there is none in time."""
    deadline = time.monotonic() + patience_s
    while not (found := done()):
        if time.monotonic() > deadline:
            raise SiteError(trouble())
        time.sleep(pause_s)
    return found


def clean_environment(**extra: str) -> dict[str, str]:
    """Return the environment of this process without settings of Flotilla, with `extra`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FLOTILLA_")}
    return inherited | extra


class Process:
    """A running program. Its output is appended to `log`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str],
        folder: Path = ROOT,
        *,
        piped: bool = False,
    ) -> None:
        """Start it in `folder`, in a separate session, so that a Ctrl-C in our terminal does not reach it.

        With `piped` its input and output are `stdin` and `stdout`, and its log has standard error only.
        """
        self.name = name
        self.log = log
        self._begin = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._popen = subprocess.Popen(  # noqa: S603  # command lines of this package
                list(command),
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
                stdout=subprocess.PIPE if piped else output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    @property
    def stdin(self) -> IO[bytes]:
        assert self._popen.stdin is not None
        return self._popen.stdin

    @property
    def stdout(self) -> IO[bytes]:
        assert self._popen.stdout is not None
        return self._popen.stdout

    def signal(self, number: signal.Signals) -> None:
        """Send a signal. If the process has ended, nothing happens."""
        self._popen.send_signal(number)

    def wait(self, patience_s: float = STOP_S) -> int:
        """Return the exit code after the end. Raises SiteError if the process does not end in time."""
        try:
            return self._popen.wait(patience_s)
        except subprocess.TimeoutExpired:
            raise SiteError(f"{self.name} did not end within {patience_s:g} s.\n{self.tail()}") from None

    def kill(self) -> None:
        """Send SIGKILL and wait for the end."""
        self._popen.kill()
        self._popen.wait()

    def stop(self, patience_s: float = STOP_S) -> None:
        """Send SIGTERM, after `patience_s` SIGKILL to the whole session. A process under SIGSTOP ends, too."""
        if self.running:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            try:
                self._popen.wait(patience_s)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self._popen.wait()

    def output(self) -> str:
        """Return the log since this start."""
        with self.log.open("rb") as log:
            log.seek(self._begin)
            return log.read().decode(errors="replace")

    def tail(self) -> str:
        """Return the end of the log."""
        return self.output()[-TAIL:]

    def wait_until(self, done: Callable[[], T | None], trouble: str, patience_s: float = START_S) -> T:
        """Return the first true value of `done`. Raises SiteError if there is none in time or the process ends."""

        def look() -> T | None:
            running = self.running  # before `done`, so that the last lines of its log count
            found = done()
            if not found and not running:
                raise SiteError(f"{self.name} ended.\n{self.tail()}")
            return found

        return wait_until(look, patience_s, lambda: f"{self.name} {trouble} within {patience_s:g} s.\n{self.tail()}")

    def wait_for(self, pattern: str, patience_s: float = START_S) -> re.Match[str]:
        """Return the first match in the log. Raises SiteError if there is none in time or the process ends."""
        return self.wait_until(lambda: re.search(pattern, self.output()), f"did not log {pattern!r}", patience_s)


def program(name: str) -> str:
    """Return the path of a program. Raises SiteError with the remedy if it is missing."""
    folders = os.environ.get("PATH", "").split(os.pathsep) + list(_SYSTEM_FOLDERS)
    for folder in folders:
        path = Path(folder) / name
        if folder and path.is_file() and os.access(path, os.X_OK):
            return str(path)
    raise SiteError(f"There is no {name} on this machine: install it (on Debian: sudo apt-get install {name}).")
