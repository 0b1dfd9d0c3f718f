import contextlib
import http
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from websockets.asyncio.server import Request, Response, ServerConnection

from app.wire import inputs, outputs
from app.wire.outputs import Welcome
from app.wire.records import SHIP
from loadtest.load.watched_player import WatchedPlayer
from loadtest.measure.durations import Durations
from loadtest.players.player import Player
from loadtest.players.v1 import V1Player
from tests.loadtest.players.sites import playing, site
from tests.pacing import until

Handler = Callable[[ServerConnection], Awaitable[None]]


@dataclass
class Played:
    """What a test sees of one player and its server."""

    log: WatchedPlayer
    player: Player
    hellos: list[inputs.Hello] = field(default_factory=list)


@contextlib.asynccontextmanager
async def played(*handlers: Handler, refusing: int = 0) -> AsyncIterator[Played]:
    """Connect one player to a server with a handler for each socket, after so many refused handshakes."""
    hellos: list[inputs.Hello] = []
    refusals, waiting = ["draining\n"] * refusing, [*handlers]

    async def handle(socket: ServerConnection) -> None:
        hello = inputs.decode(bytes(await socket.recv()))
        assert isinstance(hello, inputs.Hello)
        hellos.append(hello)
        await (waiting.pop(0) if waiting else stay)(socket)

    def admit(socket: ServerConnection, _request: Request) -> Response | None:
        return socket.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, refusals.pop()) if refusals else None

    log = WatchedPlayer(Durations())
    async with site(handle, v1=True, process_request=admit) as port, playing(V1Player, port, log) as player:
        yield Played(log, player, hellos)


async def stay(socket: ServerConnection) -> None:
    await socket.wait_closed()


def fly(*frames: tuple[int, int], ship: int = 7) -> Handler:
    """Welcome the player, send frames of these moments (epoch, tick), and stay."""

    async def handler(socket: ServerConnection) -> None:
        await socket.send(outputs.encode_welcome(Welcome(1, 1, ship, 0, b"carried")))
        for epoch, tick in frames:
            await socket.send(outputs.encode_keyframe(epoch, tick, np.zeros(0, dtype=SHIP)))
        await stay(socket)

    return handler


def close(code: int, hint_ms: int | None = None) -> Handler:
    """Welcome the player, send GOODBYE, and close."""

    async def handler(socket: ServerConnection) -> None:
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
