"""Peers that send and never read: HELLO, then 20 inputs a second. All frames for them pile up."""

import base64
import contextlib
import os
import socket
import threading
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from app.wire import inputs
from loadtest.players.door import Door, tls_of
from loadtest.players.people import TICK_S

RECEIVE_BYTES: Final = 4096  # the smallest buffer of the kernel, so that little piles up in it
PATIENCE_S: Final = 10.0
HEAD_BYTES: Final = 8192  # of an answer at most
SWITCHING: Final = b"HTTP/1.1 101 "
_UPGRADE: Final = (
    "GET {path} HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: flotilla.v1\r\n{headers}\r\n"
)
_FINAL_BINARY: Final = 0x82
_MASKED: Final = 0x80


class NonReaders:
    """Such peers within a block; one thread sends for all."""

    def __init__(self, door: Door, count: int) -> None:
        self._door = door
        self._count = count
        self._sockets: list[socket.socket] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._send, name="non-readers", daemon=True)

    def __enter__(self) -> Self:
        """Connect all peers and start to send; raises OSError if one cannot connect."""
        for _ in range(self._count):
            if not self._over.is_set():
                self._sockets.append(self._connected())
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE_S)
        for peer in self._sockets:
            peer.close()

    def _connected(self) -> socket.socket:
        url = urlsplit(self._door.urls[0])
        host, port = url.hostname or "", url.port or 0
        peer: socket.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        peer.settimeout(PATIENCE_S)
        peer.connect((host, port))
        if url.scheme == "wss":
            peer = tls_of(self._door.ca).wrap_socket(peer, server_hostname=self._door.server_name or host)
        headers = {"Host": url.netloc, **dict(self._door.headers)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        path = f"{url.path}?{url.query}" if url.query else url.path
        key = base64.b64encode(os.urandom(16)).decode()
        peer.sendall(_UPGRADE.format(path=path, key=key, headers=lines).encode())
        answer = _answer(peer)
        if not answer.startswith(SWITCHING):  # a refused peer is not a slow reader, and would prove nothing
            peer.close()
            status = answer.splitlines()[0].decode("latin-1")
            raise ConnectionError(f"a handshake was answered with {status!r}")
        peer.sendall(masked(inputs.encode_hello()))
        peer.settimeout(0)
        return peer

    def _send(self) -> None:
        sequence = 0
        while not self._over.wait(TICK_S):
            sequence = (sequence + 1) & 0xFF
            message = masked(inputs.encode_input(sequence, sequence, thrusting=True))
            for peer in self._sockets:
                with contextlib.suppress(OSError):  # it is closed or full
                    peer.send(message)


def _answer(peer: socket.socket) -> bytes:
    """Return the head of the response without reading a byte behind it."""
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        some = peer.recv(1)
        if not some or len(answer) >= HEAD_BYTES:
            raise ConnectionError("a handshake was not answered")
        answer += some
    return answer


def masked(payload: bytes) -> bytes:
    """Return a short message as a client's frame, with a mask of zeros."""
    return bytes([_FINAL_BINARY, _MASKED | len(payload)]) + bytes(4) + payload
