"""The cluster's API through one `kubectl proxy`: a request takes a few milliseconds, the start of kubectl many more.

The proxy listens on a socket file in a folder of ours. A port would give every user of this machine our rights.
"""

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from loadtest.processes.process import Process, SiteError, clean_environment

ANSWER_S: Final = 10.0
NO_ANSWER: Final = 0  # as a status


class Api:
    """Requests to a proxy that listens at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, path: str, *, body: Any = None, patience_s: float = ANSWER_S) -> tuple[int, str]:
        """Return status and body of an answer, or 0 and the reason. Posts `body` as JSON if it is given."""
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
        """Return an object. Raises SiteError if there is none."""
        status, body = self.ask(path)
        if status != http.client.OK:
            raise SiteError(f"The cluster's API answers {status} to {path}: {body[:300]}")
        return json.loads(body)


@contextlib.contextmanager
def proxied(kubectl: str, folder: Path) -> Iterator[Api]:
    """Run the proxy within the block. Raises SiteError if the API does not answer."""
    path = folder / "api"
    command = [kubectl, "proxy", f"--unix-socket={path}"]
    process = Process("kubectl proxy", command, folder / "kubectl-proxy.log", clean_environment())
    api = Api(path)
    try:
        process.wait_until(lambda: api.ask("/readyz")[0] == http.client.OK, "got no answer of the cluster's API")
        yield api
    finally:
        process.stop()


class _Connection(http.client.HTTPConnection):
    """To a socket file."""

    def __init__(self, path: Path, patience_s: float) -> None:
        super().__init__("localhost", timeout=patience_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
