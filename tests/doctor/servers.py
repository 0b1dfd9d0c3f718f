"""Servers that are not this site, each faulty in another way. Each runs in a thread until its block ends."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Answer = Callable[[socket.socket], None]


@contextlib.contextmanager
def listening(answer: Answer) -> Iterator[int]:
    """Pass each connection to `answer`, then close it. Yield the port."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while not ended.is_set():
                with contextlib.suppress(OSError), server.accept()[0] as peer:
                    if not ended.is_set():
                        peer.settimeout(1)
                        answer(peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()
            socket.create_connection(server.getsockname()).close()  # wakes the thread
            thread.join()


def sending(data: bytes) -> Answer:
    """Read a request and send these bytes."""

    def answer(peer: socket.socket) -> None:
        peer.recv(65_536)
        peer.sendall(data)

    return answer


def http(status: str, body: str = "", *headers: str) -> Answer:
    """Send this status and page."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", "Connection: close", *headers]
    return sending("\r\n".join([*head, "", body]).encode())
