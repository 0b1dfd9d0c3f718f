"""The cluster's API over one `kubectl proxy`: a question costs a few milliseconds instead of a program's start.

The proxy listens on a socket file in a folder of our own, since a port would give everybody on this machine the rights
of whoever started it.
"""

import http.client
import json
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from loadtest.processes.process import LOOK_AGAIN_S, START_S, Process, SiteError

ANSWER_S: Final = 10.0
NO_ANSWER: Final = 0  # as a status


class Api:
    """Such a proxy, within a block."""

    def __init__(self, kubectl: str, folder: Path, environment: dict[str, str]) -> None:
        """Start it."""
        self._path = folder / "api"
        command = [kubectl, "proxy", f"--unix-socket={self._path}"]
        self._process = Process("kubectl proxy", command, folder / "kubectl-proxy.log", environment)

    def __enter__(self) -> Self:
        """Wait until it answers; raises SiteError."""
        try:
            self._wait()
        except BaseException:  # also a Ctrl-C: __exit__ is not called for a block that was not entered
            self._process.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._process.stop()

    def ask(self, path: str, *, body: Any = None, patience_s: float = ANSWER_S) -> tuple[int, str]:
        """Return status and body of an answer, 0 and the reason if there was none; `body` is posted as JSON."""
        connection = _Connection(self._path, patience_s)
        try:
            if body is None:
                connection.request("GET", path)
            else:
                connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return NO_ANSWER, repr(error)
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """Return an object; raises SiteError."""
        status, body = self.ask(path)
        if status != http.client.OK:
            raise SiteError(f"The cluster's API answers {status} to {path}: {body[:300]}")
        return json.loads(body)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_S
        while self.ask("/readyz")[0] != http.client.OK:
            if not self._process.running or time.monotonic() > deadline:
                raise SiteError(f"The cluster's API does not answer.\n{self._process.tail()}")
            time.sleep(LOOK_AGAIN_S)


class _Connection(http.client.HTTPConnection):
    """To a socket file."""

    def __init__(self, path: Path, patience_s: float) -> None:
        super().__init__("localhost", timeout=patience_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
