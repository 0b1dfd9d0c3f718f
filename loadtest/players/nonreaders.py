"""Peers that talk and never read: they say HELLO, steer 20 times a second, and let all that comes pile up."""

import base64
import contextlib
import os
import socket
import threading
import time
from types import TracebackType
from typing import Final, Self

from app.wire import inputs
from loadtest.people import TICK_S

RECEIVE_BYTES: Final = 4096  # smallest buffer that the kernel gives, so that little can hide on the way
PATIENCE_S: Final = 10.0
_UPGRADE: Final = (
    "GET /ws/game/ HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: flotilla.v1\r\n\r\n"
)
_FINAL_BINARY: Final = 0x82
_MASKED: Final = 0x80


class NonReaders:
    """Such peers, all served by one thread, within a block."""

    def __init__(self, host: str, port: int, count: int) -> None:
        """Take where they connect."""
        self._address = (host, port)
        self._count = count
        self._sockets: list[socket.socket] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._talk, name="non-readers", daemon=True)

    def __enter__(self) -> Self:
        """Connect all, and let them talk."""
        self._sockets = [self._connected() for _ in range(self._count)]
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let them go."""
        self._over.set()
        self._thread.join(PATIENCE_S)
        for peer in self._sockets:
            peer.close()

    def _connected(self) -> socket.socket:
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        peer.settimeout(PATIENCE_S)
        peer.connect(self._address)
        host = f"{self._address[0]}:{self._address[1]}"
        peer.sendall(_UPGRADE.format(host=host, key=base64.b64encode(os.urandom(16)).decode()).encode())
        while b"\r\n\r\n" not in peer.recv(1024, socket.MSG_PEEK):
            time.sleep(0.001)
        peer.sendall(masked(inputs.encode_hello()))
        peer.settimeout(0)
        return peer

    def _talk(self) -> None:
        sequence = 0
        while not self._over.wait(TICK_S):
            sequence = (sequence + 1) & 0xFF
            message = masked(inputs.encode_input(sequence, sequence, thrusting=True))
            for peer in self._sockets:
                with contextlib.suppress(OSError):  # it is closed, or full: then it talks no more
                    peer.send(message)


def masked(payload: bytes) -> bytes:
    """Return a small message as a client's frame, under a mask of zeros."""
    return bytes([_FINAL_BINARY, _MASKED | len(payload)]) + bytes(4) + payload
