"""Lets pods reach what listens on this machine's loopback only, at an address of the node."""

import contextlib
import socket
import socketserver
import threading
from types import TracebackType
from typing import Final, Self

from loadtest.processes.process import SiteError

CHUNK_BYTES: Final = 1 << 16
IDLE_S: Final = 60.0  # longest silence of a connection
CONNECT_S: Final = 5.0
LOOK_S: Final = 0.1  # how long its end takes at most


class Forwarder:
    """Passes on what comes to a port of `address`, which the system chooses, to `target`."""

    def __init__(self, address: str, target: str) -> None:
        """Take where to listen, and the target as host:port; nothing listens yet."""
        host, _, port = target.rpartition(":")
        self._address = address
        self._target = (host, int(port))
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        """Listen; raises SiteError."""
        try:
            self._server = _Server((self._address, 0), self._target)
        except OSError as error:
            raise SiteError(f"This machine has not the node's address {self._address}: {error.strerror}.") from error
        threading.Thread(target=self._server.serve_forever, args=(LOOK_S,), name="forwarder", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listen no more."""
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], target: tuple[str, int]) -> None:
        self.target = target
        super().__init__(address, _Connection)


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Pass bytes on in both directions, until both are at their end."""
        assert isinstance(self.server, _Server)
        with contextlib.suppress(OSError), socket.create_connection(self.server.target, CONNECT_S) as behind:
            back = threading.Thread(target=_pump, args=(behind, self.request), daemon=True)
            back.start()
            _pump(self.request, behind)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    source.settimeout(IDLE_S)
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK_BYTES):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
