import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from loadtest.processes.ports import HOST, free_port
from loadtest.processes.process import SiteError
from loadtest.sites.kubernetes.forwarder import Forwarder

LONG = bytes(range(256)) * 4096  # more than buffers hold


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(4096):
            self.request.sendall(data)


@pytest.fixture
def echo() -> Iterator[str]:
    """A server that says back what it is told, as host:port."""
    with socketserver.ThreadingTCPServer((HOST, 0), Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"{HOST}:{server.server_address[1]}"
        server.shutdown()


def said_back(port: int, data: bytes) -> bytes:
    with socket.create_connection((HOST, port), 5) as peer:
        threading.Thread(target=lambda: (peer.sendall(data), peer.shutdown(socket.SHUT_WR)), daemon=True).start()
        return b"".join(iter(lambda: peer.recv(65536), b""))


def test_what_comes_is_passed_on_and_so_is_the_answer(echo: str) -> None:
    """All of it, in order, to the end of both directions, by several connections."""
    with Forwarder(HOST, echo) as forwarder:
        assert [LONG, b"x"] == [said_back(forwarder.port, data) for data in (LONG, b"x")]


def test_it_listens_no_more_after_its_block(echo: str) -> None:
    """So that nothing is left open on the machine."""
    with Forwarder(HOST, echo) as forwarder:
        port = forwarder.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), 1)


def test_a_target_that_is_gone_ends_the_connection() -> None:
    """And the next one is served."""
    with Forwarder(HOST, f"{HOST}:{free_port()}") as forwarder:
        assert [b"", b""] == [said_back(forwarder.port, b"") for _ in range(2)]


def test_an_address_of_another_machine_is_refused_in_a_sentence() -> None:
    """As where the cluster is elsewhere."""
    with pytest.raises(SiteError, match=r"This machine has not the node's address 192\.0\.2\.1"):
        Forwarder("192.0.2.1", f"{HOST}:1").__enter__()
