"""Peers that send and never read: HELLO, then 20 inputs a second. All frames for them pile up."""

import contextlib
import socket
import threading
from typing import Final, Self

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from app.wire import inputs
from loadtest.players.door import Door, tls_of
from loadtest.players.people import TICK_S

RECEIVE_BYTES: Final = 4096  # the smallest buffer of the kernel, so that little piles up in it
PATIENCE_S: Final = 10.0


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

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE_S)
        for peer in self._sockets:
            peer.close()

    def _connected(self) -> socket.socket:
        uri = parse_uri(self._door.urls[0])
        peer: socket.socket = socket.socket(socket.AF_INET6 if ":" in uri.host else socket.AF_INET)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        peer.settimeout(PATIENCE_S)
        peer.connect((uri.host, uri.port))
        if uri.secure:
            peer = tls_of(self._door.ca).wrap_socket(peer, server_hostname=self._door.server_name or uri.host)
        protocol = ClientProtocol(uri, subprotocols=[Subprotocol("flotilla.v1")])
        request = protocol.connect()
        for name, value in self._door.headers:
            request.headers.pop(name, None)
            request.headers[name] = value
        protocol.send_request(request)
        peer.sendall(b"".join(protocol.data_to_send()))
        try:
            _read_response(peer, protocol)
        except ConnectionError:
            peer.close()
            raise
        peer.sendall(_frame(inputs.encode_hello()))
        peer.settimeout(0)
        return peer

    def _send(self) -> None:
        sequence = 0
        while not self._over.wait(TICK_S):
            sequence = (sequence + 1) & 0xFF
            frame = _frame(inputs.encode_input(sequence, sequence, thrusting=True))
            for peer in self._sockets:
                with contextlib.suppress(OSError):  # it is closed or full
                    peer.send(frame)


def _read_response(peer: socket.socket, protocol: ClientProtocol) -> None:
    """Read the response and not one byte behind it; a refused peer is not a slow reader: raises ConnectionError."""
    while protocol.state is State.CONNECTING and protocol.handshake_exc is None:
        byte = peer.recv(1)
        if byte:
            protocol.receive_data(byte)
        else:
            protocol.receive_eof()
    if protocol.handshake_exc is not None:
        raise ConnectionError(f"a handshake failed: {protocol.handshake_exc}")


def _frame(payload: bytes) -> bytes:
    return Frame(Opcode.BINARY, payload).serialize(mask=True)
