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
from loadtest.load.crowd.crowd_player import Player
from loadtest.measure.observation import Histogram
from loadtest.players.door import Door
from tests.end_to_end.server import until

Handler = Callable[["Site", ServerConnection], Awaitable[None]]


class Site:
    """A server that does as a test tells it, once for each socket, and the player who comes."""

    def __init__(self, *handlers: Handler) -> None:
        self.hellos: list[Hello] = []
        self.refusing = 0  # handshakes to answer with 503
        self._handlers = list(handlers)
        self.player: Player

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
    """Let one player come to a site of these handlers."""
    site = Site(*handlers)
    site.refusing = refusing
    subprotocols = [Subprotocol("flotilla.v1")]
    async with serve(
        site.handle, "127.0.0.1", 0, process_request=site.admit, subprotocols=subprotocols, compression=None
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        site.player = Player(Door([f"ws://127.0.0.1:{port}/ws/game/"]), Histogram(), Random(1))
        life = asyncio.create_task(site.player.client.live())
        try:
            yield site
        finally:
            site.player.client.leave(kindly=True)
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)


async def stay(_site: Site, socket: ServerConnection) -> None:
    await socket.wait_closed()


def fly(*frames: tuple[int, int], ship: int = 7) -> Handler:
    """Welcome the player, show these moments (epoch, tick), and stay."""

    async def handler(_site: Site, socket: ServerConnection) -> None:
        await socket.send(outputs.encode_welcome(Welcome(1, 1, ship, 0, b"carried")))
        for epoch, tick in frames:
            await socket.send(outputs.encode_keyframe(epoch, tick, np.zeros(0, dtype=SHIP)))
        await stay(_site, socket)

    return handler


def close(code: int, hint_ms: int | None = None) -> Handler:
    """Welcome the player, say goodbye, and close."""

    async def handler(_site: Site, socket: ServerConnection) -> None:
        await socket.send(outputs.encode_welcome(Welcome(1, 1, 7, 0, b"carried")))
        if hint_ms is not None:
            await socket.send(outputs.encode_goodbye(hint_ms))
        await socket.close(code)

    return handler


async def test_a_closed_player_comes_back_with_its_ticket() -> None:
    """After the hint, and it counts one close and one reconnect."""
    async with played(close(1012, hint_ms=20)) as site:
        await until(lambda: len(site.hellos) == 2)
        assert [b"", b"carried"] == [hello.ticket for hello in site.hellos]
        assert ([1012], 1) == (site.player.record.closes, site.player.record.reconnects)


@pytest.mark.parametrize("code", [4500, 4504])
async def test_a_player_who_is_told_so_stays_away(code: int) -> None:
    """It does not try again."""
    async with played(close(code)) as site:
        await until(lambda: site.player.client.stays_away)
        assert [code] == site.player.record.closes


async def test_a_refused_handshake_is_counted_and_tried_again() -> None:
    """By its status."""
    async with played(refusing=2) as site:
        await until(lambda: len(site.hellos) == 1)
        assert [503, 503] == site.player.record.refusals
        assert {"refused: answers 503": 2} == site.player.record.refused_because
        assert 0 == site.player.record.reconnects


async def test_time_that_goes_back_is_noticed() -> None:
    """An older epoch after a newer one, and an earlier tick within one."""
    async with played(fly((2, 10), (1, 50), (2, 9), (3, 1))) as site:
        await until(lambda: site.player.record.frames == 4)
        record = site.player.record
        assert (1, 1) == (record.older_epochs, record.ticks_back)
        assert {2, 3} == site.player.epochs


async def test_another_ship_is_a_lost_one() -> None:
    """The first is not."""
    async with played(close(1012, hint_ms=0), fly((1, 1), ship=8)) as site:
        await until(lambda: site.player.client.ship == 8)
        assert 1 == site.player.record.ships_lost


async def test_a_player_who_leaves_does_not_come_back() -> None:
    """Nor is its own going noted as a close."""
    async with played(fly((1, 1))) as site:
        await until(lambda: site.player.record.frames == 1)
        site.player.client.leave(kindly=False)
        await until(lambda: not site.player.client.connected)
        assert [] == site.player.record.closes
