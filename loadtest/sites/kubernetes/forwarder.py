"""A TCP forwarder: pods reach a server that listens only on the loopback of this machine, at an address of the node."""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator
from typing import Final

from loadtest.processes.process import SiteError

CHUNK_BYTES: Final = 1 << 16
IDLE_S: Final = 60.0  # longest silence of a connection
CONNECT_S: Final = 5.0
LOOK_S: Final = 0.1  # longest end


@contextlib.contextmanager
def forwarded(address: str, target: str) -> Iterator[int]:
    """Forward a port of `address` to `target` (host:port) within the block, and yield that port. Raises SiteError."""
    host, _, port = target.rpartition(":")
    try:
        server = _Server((address, 0), (host, int(port)))
    except OSError as error:
        raise SiteError(f"This machine does not have the node's address {address}: {error.strerror}.") from error
    with server:
        threading.Thread(target=server.serve_forever, args=(LOOK_S,), name="forwarder", daemon=True).start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], target: tuple[str, int]) -> None:
        self.target = target
        super().__init__(address, _Connection)


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Copy bytes in both directions until both ends have closed."""
        assert isinstance(self.server, _Server)
        with contextlib.suppress(OSError), socket.create_connection(self.server.target, CONNECT_S) as behind:
            back = threading.Thread(target=_copy, args=(behind, self.request), daemon=True)
            back.start()
            _copy(self.request, behind)
            back.join()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    source.settimeout(IDLE_S)
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK_BYTES):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
