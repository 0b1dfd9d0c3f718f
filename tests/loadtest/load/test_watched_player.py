import asyncio
import contextlib
import http
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random

import numpy as np
import pytest
from websockets.asyncio.server import Request, Response, ServerConnection, serve
from websockets.typing import Subprotocol

from app.wire import inputs, outputs
from app.wire.inputs import Hello
from app.wire.outputs import Welcome
from app.wire.records import SHIP
from loadtest.load.watched_player import WatchedPlayer
from loadtest.measure.durations import Durations
from loadtest.players.door import Door
from loadtest.players.hands import Hand
from loadtest.players.v1 import V1Player
from tests.end_to_end.server import until

Handler = Callable[["Site", ServerConnection], Awaitable[None]]


class Site:
    """A server with a handler for each socket, and the player that connects."""

    def __init__(self, *handlers: Handler) -> None:
        self.hellos: list[Hello] = []
        self.refusing = 0  # handshakes to answer with 503
        self._handlers = list(handlers)
        self.log = WatchedPlayer(Durations())
        self.player: V1Player

    async def handle(self, socket: ServerConnection) -> None:
        hello = inputs.decode(bytes(await socket.recv()))
        assert isinstance(hello, Hello)
        self.hellos.append(hello)
        handler = self._handlers.pop(0) if self._handlers else stay
        await handler(self, socket)

    def admit(self, socket: ServerConnection, _request: Request) -> Response | None:
        if self.refusing:
            self.refusing -= 1
            return socket.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "draining\n")
        return None


@contextlib.asynccontextmanager
async def played(*handlers: Handler, refusing: int = 0) -> AsyncIterator[Site]:
    """Connect one player to a site of these handlers."""
    site = Site(*handlers)
    site.refusing = refusing
    subprotocols = [Subprotocol("flotilla.v1")]
    async with serve(
        site.handle, "127.0.0.1", 0, process_request=site.admit, subprotocols=subprotocols, compression=None
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        door = Door([f"ws://127.0.0.1:{port}/ws/game/"])
        site.player = V1Player(door, 0, Hand(Random(1), None), site.log, Random(1))
        life = asyncio.create_task(site.player.live())
        try:
            yield site
        finally:
            site.player.leave(kindly=True)
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)


async def stay(_site: Site, socket: ServerConnection) -> None:
    await socket.wait_closed()


def fly(*frames: tuple[int, int], ship: int = 7) -> Handler:
    """Welcome the player, send frames of these moments (epoch, tick), and stay."""

    async def handler(_site: Site, socket: ServerConnection) -> None:
        await socket.send(outputs.encode_welcome(Welcome(1, 1, ship, 0, b"carried")))
        for epoch, tick in frames:
            await socket.send(outputs.encode_keyframe(epoch, tick, np.zeros(0, dtype=SHIP)))
        await stay(_site, socket)

    return handler


def close(code: int, hint_ms: int | None = None) -> Handler:
    """Welcome the player, send GOODBYE, and close."""

    async def handler(_site: Site, socket: ServerConnection) -> None:
        await socket.send(outputs.encode_welcome(Welcome(1, 1, 7, 0, b"carried")))
        if hint_ms is not None:
            await socket.send(outputs.encode_goodbye(hint_ms))
        await socket.close(code)

    return handler


async def test_a_closed_player_comes_back_with_its_ticket() -> None:
    """After the hint; one close and one reconnect are counted."""
    async with played(close(1012, hint_ms=20)) as site:
        await until(lambda: len(site.hellos) == 2)
        assert [b"", b"carried"] == [hello.ticket for hello in site.hellos]
        assert ([1012], 1) == (site.log.closes, site.log.reconnects)


@pytest.mark.parametrize("code", [4500, 4504])
async def test_some_codes_keep_a_player_away(code: int) -> None:
    """It does not reconnect."""
    async with played(close(code)) as site:
        await until(lambda: site.player.stays_away)
        assert [code] == site.log.closes


async def test_a_refused_handshake_is_counted_and_tried_again() -> None:
    """By its status."""
    async with played(refusing=2) as site:
        await until(lambda: len(site.hellos) == 1)
        assert [503, 503] == site.log.refusals
        assert {"refused: answers 503": 2} == site.log.refused_because
        assert 0 == site.log.reconnects


async def test_time_that_goes_back_is_noticed() -> None:
    """An older epoch after a newer one, and an earlier tick within one."""
    async with played(fly((2, 10), (1, 50), (2, 9), (3, 1))) as site:
        await until(lambda: site.log.frames == 4)
        assert (1, 1) == (site.log.older_epochs, site.log.ticks_back)
        assert {2, 3} == site.log.epochs


async def test_another_ship_is_a_lost_one() -> None:
    """The first ship is not."""
    async with played(close(1012, hint_ms=0), fly((1, 1), ship=8)) as site:
        await until(lambda: site.log.ship == 8)
        assert 1 == site.log.ships_lost


async def test_a_player_that_leaves_does_not_reconnect() -> None:
    """Its own leaving is not counted as a close."""
    async with played(fly((1, 1))) as site:
        await until(lambda: site.log.frames == 1)
        site.player.leave(kindly=False)
        await until(lambda: not site.player.connected)
        assert [] == site.log.closes
