"""A WebSocket peer that can violate the protocol: it sends raw bytes and handmade frames."""

import asyncio
import base64
import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

from tests.end_to_end.server import Server
from tests.pacing import PATIENCE_S

TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

NARROW_BYTES: Final = 4096  # size of the kernel's receive buffer
NARROW_SEGMENT: Final = 536  # bytes; the smallest segment size that every network supports

Headers = Sequence[tuple[str, str]]


@dataclass
class Refusal(Exception):  # noqa: N818  # an answer, not an error
    """The server answered the handshake with a status other than 101."""

    status: int


class Peer:
    """A TCP connection to a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._transport = cast("asyncio.Transport", writer.transport)

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(
        cls, server: Server, *, source: str = "127.0.0.1", narrow: bool = False
    ) -> AsyncIterator["Peer"]:
        """Connect from the address `source`. A `narrow` connection has small kernel buffers on both sides."""
        sock = socket.socket()
        if narrow:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_BYTES)
            # The sender's buffer is a number of segments, and loopback's segments are 64 KiB long.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, NARROW_SEGMENT)
        sock.bind((source, 0))
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", server.port))
        reader, writer = await asyncio.open_connection(sock=sock)
        try:
            yield cls(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def handshake(self, *headers: tuple[str, str], path: str = "/ws/game/") -> None:
        """Open a WebSocket with these headers and the required ones. Raises Refusal."""
        await self.send(upgrade(*headers, path=path))
        status = await self.status()
        if status != 101:
            raise Refusal(status)

    async def send(self, data: bytes) -> None:
        """Send bytes unchanged."""
        self.writer.write(data)
        async with asyncio.timeout(PATIENCE_S):
            await self.writer.drain()

    async def status(self) -> int:
        """Read the head of an HTTP response. Return its status."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1])

    async def frame(self) -> tuple[int, bytes]:
        """Read one frame. Return its opcode and its payload."""
        async with asyncio.timeout(PATIENCE_S):
            first, size = await self.reader.readexactly(2)
            assert first & 0x80, "the server does not fragment"
            assert size < 0x80, "the server does not mask"
            if size == 126:
                (size,) = struct.unpack(">H", await self.reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack(">Q", await self.reader.readexactly(8))
            return first & 0x0F, await self.reader.readexactly(size)

    async def data(self) -> bytes:
        """Read up to the next text or binary message. Return its payload."""
        while (received := await self.frame())[0] not in (TEXT, BINARY):
            pass
        return received[1]

    async def close_code(self) -> int:
        """Read up to the close frame, answer it, and return its code; 1005 if it has none."""
        async with asyncio.timeout(PATIENCE_S):
            while (received := await self.frame())[0] != CLOSE:
                pass
        payload = received[1][:2]
        await self.send(frame(CLOSE, payload))
        return int.from_bytes(payload, "big") if payload else 1005

    async def end(self) -> None:
        """Read until the server has closed the connection."""
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionResetError):
                while await self.reader.read(1 << 16):
                    pass

    def stop_reading(self) -> None:
        """Leave incoming bytes in the kernel's buffer."""
        self._transport.pause_reading()

    def read_again(self) -> None:
        self._transport.resume_reading()

    def vanish(self) -> None:
        """Reset the connection without a close frame."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


def upgrade(*headers: tuple[str, str], path: str = "/ws/game/") -> bytes:
    """Return the request that opens a WebSocket, in latin-1. A header may occur twice."""
    key = base64.b64encode(os.urandom(16)).decode()
    necessary = [("Host", "localhost"), ("Upgrade", "websocket"), ("Connection", "Upgrade")]
    necessary += [("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", key)]
    given = {name.lower() for name, _ in headers}
    lines = [f"{name}: {value}" for name, value in necessary if name.lower() not in given]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode("latin-1")


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
    """Return one WebSocket frame of a client. `reserved` contains the bits RSV1 to RSV3."""
    head = bytes([final << 7 | reserved << 4 | opcode])
    size = len(payload)
    mark = masked << 7
    head += bytes([mark | size]) if size < 126 else bytes([mark | 126]) + struct.pack(">H", size)
    mask = os.urandom(4) if masked else b""
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if masked else head + payload
