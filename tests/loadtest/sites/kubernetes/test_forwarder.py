import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from loadtest.processes.ports import HOST, free_port
from loadtest.processes.process import SiteError
from loadtest.sites.kubernetes.forwarder import forwarded

LONG = bytes(range(256)) * 4096  # more than buffers hold


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(4096):
            self.request.sendall(data)


@pytest.fixture
def echo() -> Iterator[str]:
    """An echo server, as host:port."""
    with socketserver.ThreadingTCPServer((HOST, 0), Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"{HOST}:{server.server_address[1]}"
        server.shutdown()


def echoed(port: int, data: bytes) -> bytes:
    def send() -> None:
        with contextlib.suppress(OSError):  # the other end may have closed
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)

    with socket.create_connection((HOST, port), 5) as peer:
        threading.Thread(target=send, daemon=True).start()
        return b"".join(iter(lambda: peer.recv(65536), b""))


def test_bytes_are_forwarded_in_both_directions(echo: str) -> None:
    """All of them, in order, until both ends have closed, on several connections."""
    with forwarded(HOST, echo) as port:
        assert [LONG, b"x"] == [echoed(port, data) for data in (LONG, b"x")]


def test_its_port_is_closed_after_its_block(echo: str) -> None:
    """So that nothing stays open on the machine."""
    with forwarded(HOST, echo) as port:
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), 1)


def test_a_target_that_is_gone_ends_the_connection() -> None:
    """The next connection works."""
    with forwarded(HOST, f"{HOST}:{free_port()}") as port:
        assert [b"", b""] == [echoed(port, b"") for _ in range(2)]


def test_an_address_of_another_machine_is_an_error() -> None:
    """The cluster is on another machine."""
    with pytest.raises(SiteError, match=r"This machine does not have the node's address 192\.0\.2\.1"):
        forwarded("192.0.2.1", f"{HOST}:1").__enter__()
