"""A WebSocket server whose messages a test sends, and the generator run against it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from app.wire import outputs, records
from tests.pacing import pace

TICK_S = 0.05


def picture(tick: int, padding: int = 0) -> bytes:
    """A frame of the world, longer by a message of unknown type that a client skips."""
    tail = b"\x8f" + (0x80 | padding & 0x7F).to_bytes(1) + (0x80 | padding >> 7 & 0x7F).to_bytes(1)
    tail += (padding >> 14).to_bytes(1) + bytes(padding)
    return outputs.encode_full(1, tick, records.EMPTY) + (tail if padding else b"")


@dataclass
class World:
    """All sockets and the messages that they sent."""

    sockets: list[ServerConnection] = field(default_factory=list)
    received: list[bytes | str] = field(default_factory=list)
    port: int = 0
    greeting: Any = b""

    async def handle(self, socket: ServerConnection) -> None:
        self.sockets.append(socket)
        await socket.send(self.greeting or picture(0))
        async for message in socket:
            self.received.append(message)

    async def send(self, message: bytes | str | Iterable[bytes]) -> None:
        """Send to all sockets; an iterable is sent as a fragmented message."""
        for socket in self.sockets:
            await socket.send(message)


@asynccontextmanager
async def world(**options: Any) -> AsyncIterator[World]:
    """Serve within the block, on a free port."""
    greeting = options.pop("greeting", b"")
    one = World(greeting=greeting)
    async with serve(one.handle, "127.0.0.1", 0, compression=None, **options) as server:
        one.port = server.sockets[0].getsockname()[1]
        yield one


class Run:
    """One generator."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def step(self, line: str) -> None:
        """Start a step and return when its measurement begins."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        assert {"event": "hold"} == await self.line()

    async def line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return dict(json.loads(await self.process.stdout.readline()))


@asynccontextmanager
async def running(generator: Path, port: int, *options: str) -> AsyncIterator[Run]:
    """Run the generator within the block."""
    words = ["--port", str(port), "--warm-ms", "0", "--language", "bare", *options]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(generator, *words, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        yield Run(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def at(moments: Iterable[float]) -> AsyncIterator[int]:
    """Yield the number of each moment (seconds from now) when it has come."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    for number, moment in enumerate(moments):
        await pace(start + moment - loop.time())
        yield number
