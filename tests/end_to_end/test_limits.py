import asyncio

import pytest
import websockets

from app.wire.outputs import Keyframe
from tests.end_to_end.clients import ReplicaClient, TutorialClient
from tests.end_to_end.conftest import Serve, undisturbed
from tests.end_to_end.raw import Peer, Refusal
from tests.end_to_end.server import Server, until


async def test_full_arenas_and_a_full_world(serve: Serve) -> None:
    """The third player of arenas of two opens the next arena; the fourth of a world of three is closed with 4005."""
    server = serve(FLOTILLA_ARENA_CAPACITY="2", FLOTILLA_MAX_SHIPS="3")
    async with undisturbed(server) as one, undisturbed(server) as two:
        async with ReplicaClient.connected(server) as three:
            await three.flown()
            assert [0, 0, 1] == [arena(client) for client in (one, two, three)]
            assert [three.ship] == list(three.ships)
            assert sorted([one.ship, two.ship]) == list(two.ships)
            for language in (ReplicaClient, TutorialClient):
                full = server.expecting(refusals={"world_full": 1}, closes={4005: 1})
                async with full, language.connected(server) as four:
                    assert 4005 == await four.close_code()
        await until(lambda: server.counters()["flotilla_ships"] == 2)
        async with TutorialClient.connected(server) as five:
            await five.until(lambda: five.own)
            assert [five.player_id] == list(five.ships)


def arena(client: ReplicaClient) -> int:
    assert client.replica.welcome is not None
    return client.replica.welcome.arena


async def test_more_sockets_than_allowed_are_refused(serve: Serve) -> None:
    """Two of an address, three of a process, then 503; whoever leaves makes room."""
    server = serve(FLOTILLA_SOCKETS_PER_PROCESS="3", FLOTILLA_SOCKETS_PER_ADDRESS="2")
    async with undisturbed(server):
        async with Peer.connected(server) as second, Peer.connected(server, source="127.0.0.2") as third:
            await second.handshake()
            async with server.expecting(refusals={"address_full": 1}):
                assert 503 == await refused(server, "127.0.0.1")
            await third.handshake()
            async with server.expecting(refusals={"process_full": 1}):
                assert 503 == await refused(server, "127.0.0.3")
        await until(lambda: server.counters()["flotilla_connections"] == 1)
        async with Peer.connected(server) as again:
            await again.handshake()


async def test_refused_handshakes_take_no_room(serve: Serve) -> None:
    """A socket that is refused for another reason is not counted as open."""
    server = serve(FLOTILLA_SOCKETS_PER_PROCESS="2")
    async with undisturbed(server):
        for _ in range(3):
            with pytest.raises(websockets.InvalidStatus):
                async with websockets.connect(server.url, proxy=None, origin=websockets.Origin("https://evil.example")):
                    pass
            async with Peer.connected(server) as peer:
                with pytest.raises(Refusal):
                    await peer.handshake(("Sec-WebSocket-Key", "short"))
        async with Peer.connected(server) as peer:
            await peer.handshake()


async def refused(server: Server, source: str) -> int:
    async with Peer.connected(server, source=source) as peer:
        with pytest.raises(Refusal) as refusal:
            await peer.handshake()
        return refusal.value.status


async def test_a_peer_that_answers_no_ping_is_dropped(serve: Serve) -> None:
    """A network that went silent: no pong in time ends the socket, talking or not; who answers stays."""
    server = serve(FLOTILLA_PING_INTERVAL_SECONDS="1", FLOTILLA_PING_TIMEOUT_SECONDS="1")
    async with undisturbed(server) as bystander, Peer.connected(server) as peer:
        await peer.handshake()
        async with server.expecting(closes={4002: 1}):
            await peer.end()
        async with asyncio.timeout(5):
            await (await bystander.socket.ping())
        assert 1 == bystander.count(Keyframe)
