import asyncio
import contextlib

import pytest

from tests.end_to_end.conftest import Serve, undisturbed
from tests.end_to_end.raw import CLOSE, TEXT, Peer, frame
from tests.end_to_end.server import STOP_S, Counts, Server
from tests.pacing import pace, until

CROWD = 40
TALK_S = 0.1  # time between two messages of a peer that talks
MEMORY = "process_resident_memory_bytes"
REFUSED = frame(TEXT, b'{"type": "facing", "playerId": "", "facing": 0}')  # each answer is one more message to read
REFUSAL = 'flotilla_refusals_total{reason="not_your_ship"}'
SKIPPED = 'flotilla_frames_skipped_total{reason="slow"}'


@pytest.fixture
def strict_server(serve: Serve) -> Server:
    """Run a server with short limits for peers that do not read."""
    return serve(FLOTILLA_SOCKET_WRITE_BUFFER_BYTES="8192", FLOTILLA_SOCKET_STALL_SECONDS="1")


async def talk_for_ever(peers: list[Peer], message: bytes) -> None:
    while True:
        for peer in peers:
            with contextlib.suppress(ConnectionError):
                await peer.send(message)
        await pace(TALK_S)


def closed_as_too_slow(counters: Counts) -> float:
    return counters.get('flotilla_closes_total{code="4002"}', 0)


async def test_peers_that_talk_and_never_read_are_closed(strict_server: Server) -> None:
    """They are closed within the limit, memory stays bounded, and other players miss no frame."""
    async with undisturbed(strict_server) as bystander, contextlib.AsyncExitStack() as crowd:
        # Not from the census: its full garbage collection would delay a frame.
        before = strict_server.counters()[MEMORY]
        peers = [await crowd.enter_async_context(Peer.connected(strict_server, narrow=True)) for _ in range(CROWD)]
        for peer in peers:
            await peer.handshake()
            peer.stop_reading()
        talking = asyncio.create_task(talk_for_ever(peers, REFUSED))
        await until(lambda: closed_as_too_slow(strict_server.counters()) == CROWD, STOP_S)
        await bystander.until(lambda: [bystander.ship] == list(bystander.ships))
        talking.cancel()
        counters = strict_server.counters()
        assert 1 == counters["flotilla_connections"]
        assert counters[SKIPPED] > 0
        assert counters[MEMORY] - before < 10 * 1024 * 1024


async def test_a_lagging_peer_can_close(serve: Serve) -> None:
    """A peer over its write budget sends a close frame, reads all buffered data, and gets the closing handshake."""
    server = serve(FLOTILLA_SOCKET_WRITE_BUFFER_BYTES="2048", FLOTILLA_SOCKET_STALL_SECONDS="60")
    async with contextlib.AsyncExitStack() as crowd:
        for _ in range(CROWD):
            reader = await crowd.enter_async_context(Peer.connected(server))
            await reader.handshake()
        async with Peer.connected(server, narrow=True) as peer:
            await peer.handshake()
            peer.stop_reading()
            await until(lambda: server.counters().get(SKIPPED, 0) > 0)
            async with server.expecting(refusals={"not_your_ship": 1}, closes={1000: 1}):
                await peer.send(REFUSED + frame(CLOSE, b"\x03\xe8"))
                await until(lambda: REFUSAL in server.counters())  # the close frame came in the same bytes
                peer.read_again()
                assert 1000 == await peer.close_code()
                await peer.end()
