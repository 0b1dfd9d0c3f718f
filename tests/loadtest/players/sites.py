"""A WebSocket server with a test's handler, and a player that connects to it."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random

import numpy as np
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from app.wire import outputs
from app.wire.outputs import Welcome
from app.wire.records import SHIP
from loadtest.players.door import Door
from loadtest.players.hands import Hand
from loadtest.players.observer import Observer
from loadtest.players.player import Player

Handler = Callable[[ServerConnection], Awaitable[None]]

V1 = [Subprotocol("flotilla.v1")]
SHIPS = np.zeros(0, dtype=SHIP)


@contextlib.asynccontextmanager
async def site(
    handler: Handler, *, v1: bool = False, tls: ssl.SSLContext | None = None, **options: object
) -> AsyncIterator[int]:
    """Serve within the block; yields the port."""
    async with serve(
        handler, "127.0.0.1", 0, compression=None, subprotocols=V1 if v1 else None, ssl=tls, **options
    ) as server:
        yield server.sockets[0].getsockname()[1]


@contextlib.asynccontextmanager
async def playing(
    kind: type[Player], port: int, observer: Observer, per_s: float | None = None
) -> AsyncIterator[Player]:
    """Run one player within the block."""
    door = Door([f"ws://127.0.0.1:{port}/ws/game/"])
    player = kind(door, 0, Hand(Random(1), per_s), observer, Random(1))
    life = asyncio.create_task(player.live())
    try:
        yield player
    finally:
        player.leave(kindly=True)
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


async def world(socket: ServerConnection) -> None:
    """Welcome a v1 player, send one frame, and stay."""
    await socket.recv()
    await socket.send(outputs.encode_welcome(Welcome(1, 1, 7, 0, b"ticket")))
    await socket.send(outputs.encode_keyframe(1, 1, SHIPS))
    await socket.wait_closed()
