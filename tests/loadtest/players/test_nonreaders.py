"""Tests of loadtest/players/nonreaders.py: peers that connect and never read; a refused one is an error."""

import asyncio
import http

import pytest
from websockets.asyncio.server import Request, Response, ServerConnection

from loadtest.players.door import Door
from loadtest.players.nonreaders import NonReaders
from tests.loadtest.players.sites import site


async def test_they_greet_and_steer() -> None:
    """With the door's headers; HELLO first, then an input each tick."""
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    origins: list[str] = []

    async def listen(socket: ServerConnection) -> None:
        assert socket.request is not None
        origins.extend(socket.request.headers.get_all("Origin"))
        async for message in socket:
            assert isinstance(message, bytes)
            heard.put_nowait(message)

    async with site(listen, v1=True) as port:
        peers = NonReaders(Door([f"ws://127.0.0.1:{port}/ws/game/"], [("Origin", "https://game.example")]), 1)
        await asyncio.to_thread(peers.__enter__)
        try:
            hello, steer = await heard.get(), await heard.get()
        finally:
            await asyncio.to_thread(peers.__exit__, None, None, None)
    assert hello[0] != steer[0]
    assert ["https://game.example"] == origins


async def test_a_refused_peer_is_an_error() -> None:
    """A test without its peers would prove nothing."""

    def full(socket: ServerConnection, _: Request) -> Response:
        return socket.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "full")

    async def never(_: ServerConnection) -> None:
        raise AssertionError

    async with site(never, v1=True, process_request=full) as port:
        peers = NonReaders(Door([f"ws://127.0.0.1:{port}/ws/game/"]), 1)
        try:
            with pytest.raises(ConnectionError, match=r"a handshake failed: .*HTTP 503"):
                await asyncio.to_thread(peers.__enter__)
        finally:
            peers.__exit__(None, None, None)


async def test_a_server_that_closes_in_the_handshake_is_an_error() -> None:
    """Not an endless wait."""

    async def close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(close, "127.0.0.1", 0) as server:
        peers = NonReaders(Door([f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws/game/"]), 1)
        with pytest.raises(ConnectionError):
            await asyncio.to_thread(peers.__enter__)
