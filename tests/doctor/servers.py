"""Servers that are not this site, each wrong in its own way; a thread of their own each, gone after the block."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Answer = Callable[[socket.socket], None]

LINGER_S = 0.05  # between two looks at whether the test is over


@contextlib.contextmanager
def listening(answer: Answer) -> Iterator[int]:
    """Accept connections and give each to `answer`, then close it; yields the port."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LINGER_S)

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(OSError), server.accept()[0] as peer:
                    peer.settimeout(1)
                    answer(peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join()


def saying(data: bytes) -> Answer:
    """Read a request and answer with these bytes."""

    def answer(peer: socket.socket) -> None:
        peer.recv(65_536)
        peer.sendall(data)

    return answer


def http(status: str, body: str = "", *headers: str) -> Answer:
    """Answer with that status and page."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", "Connection: close", *headers]
    return saying("\r\n".join([*head, "", body]).encode())
