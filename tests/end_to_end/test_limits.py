import asyncio

import pytest
import websockets

from app.wire.outputs import Keyframe
from tests.end_to_end.clients import ReplicaClient, TutorialClient
from tests.end_to_end.conftest import Serve, undisturbed
from tests.end_to_end.raw import Peer, Refusal
from tests.end_to_end.server import Server
from tests.pacing import PATIENCE_S, until


async def test_full_arenas_and_a_full_world(serve: Serve) -> None:
    """With two ships per arena the third player opens an arena; with three per world the fourth is closed with 4005."""
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
    """The third socket of an address and the fourth of a process get 503. A closed socket makes room."""
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
    """A refused socket does not count as open."""
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


async def refused(server: Server, source: str = "127.0.0.1", *headers: tuple[str, str]) -> int:
    async with Peer.connected(server, source=source) as peer:
        with pytest.raises(Refusal) as refusal:
            await peer.handshake(*headers)
        return refusal.value.status


async def test_handshakes_faster_than_the_rate_are_refused(serve: Serve) -> None:
    """After a burst, handshakes get 503. Open sockets are not affected."""
    server = serve(FLOTILLA_ACCEPTS_PER_SECOND="1", FLOTILLA_ACCEPT_BURST="3")
    async with undisturbed(server), Peer.connected(server) as second, Peer.connected(server) as third:
        await second.handshake()
        await third.handshake()
        async with server.expecting(refusals={"accept_rate": 1}):
            assert 503 == await refused(server)
        async with asyncio.timeout(PATIENCE_S):
            while not await comes_in(server):
                pass


async def comes_in(server: Server) -> bool:
    async with Peer.connected(server) as peer:
        try:
            await peer.handshake()
        except Refusal:
            return False
    return True


async def test_each_client_behind_a_proxy_has_its_own_limit(serve: Serve) -> None:
    """The address that the proxy appended counts. Addresses that the client sent are ignored."""
    server = serve(FLOTILLA_SOCKETS_PER_ADDRESS="1", FLOTILLA_TRUSTED_PROXIES="127.0.0.1")
    async with Peer.connected(server) as first, Peer.connected(server) as second:
        await first.handshake(("X-Forwarded-For", "198.51.100.1"))
        await second.handshake(("X-Forwarded-For", "198.51.100.1, 198.51.100.2"))
        for forwarded in (["198.51.100.1"], ["6.6.6.6, 198.51.100.2"], ["6.6.6.6", "198.51.100.2"]):
            async with server.expecting(refusals={"address_full": 1}):
                assert 503 == await refused(server, "127.0.0.1", *[("X-Forwarded-For", value) for value in forwarded])


async def test_a_client_cannot_pretend_to_be_a_proxy(serve: Serve) -> None:
    """Its own address counts, even if it hides the header in another one behind an unusual line separator."""
    server = serve(FLOTILLA_SOCKETS_PER_ADDRESS="1", FLOTILLA_TRUSTED_PROXIES="127.0.0.9,127.0.0.1")
    async with Peer.connected(server, source="127.0.0.2") as first, Peer.connected(server) as proxied:
        await first.handshake(("X-Forwarded-For", "198.51.100.1"))
        async with server.expecting(refusals={"address_full": 1}):
            assert 503 == await refused(server, "127.0.0.2", ("X-Forwarded-For", "198.51.100.2"))
        honest = ("X-Forwarded-For", "198.51.100.3")
        await proxied.handshake(honest)
        for line_end in ("\x85", "\x0b", "\x0c", "\x1c"):
            smuggled = ("X-Greeting", f"hello{line_end}X-Forwarded-For: 6.6.6.6")
            assert await refused(server, "127.0.0.1", honest, smuggled) in {400, 503}


async def test_a_peer_that_answers_no_ping_is_dropped(serve: Serve) -> None:
    """A socket without a pong in time is closed. A client that answers stays connected."""
    server = serve(FLOTILLA_PING_INTERVAL_SECONDS="1", FLOTILLA_PING_TIMEOUT_SECONDS="1")
    async with undisturbed(server) as bystander, Peer.connected(server) as peer:
        await peer.handshake()
        async with server.expecting(closes={4002: 1}):
            await peer.end()
        async with asyncio.timeout(5):
            await (await bystander.socket.ping())
        assert 1 == bystander.count(Keyframe)
