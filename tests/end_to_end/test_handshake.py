import asyncio

import pytest

from app.wire import inputs, outputs
from tests.end_to_end.clients import ReplicaClient
from tests.end_to_end.conftest import ALLOWED_ORIGIN, Serve
from tests.end_to_end.raw import BINARY, Peer, Refusal, frame, upgrade
from tests.end_to_end.server import Server
from tests.pacing import PATIENCE_S

V1 = ("Sec-WebSocket-Protocol", "flotilla.v1")
PRODUCTION = {
    "FLOTILLA_ENV": "production",
    "FLOTILLA_SECRET_KEY": "a key for tests that is longer than fifty characters",
    "FLOTILLA_ALLOWED_HOSTS": "flotilla.example",
}


async def refusal(server: Server, *headers: tuple[str, str], path: str = "/ws/game/") -> int:
    async with Peer.connected(server) as peer:
        with pytest.raises(Refusal) as refused:
            await peer.handshake(*headers, path=path)
        await peer.end()
        return refused.value.status


@pytest.mark.parametrize(
    ("origin", "status", "reason"),
    [
        ("https://evil.example", 403, "origin"),
        ("http://localhost.evil.example", 403, "origin"),
        ("https://evil.example/?http://localhost", 403, "origin"),
        (f"{ALLOWED_ORIGIN}:8443", 403, "origin"),
        ("http://friends.example", 403, "origin"),
        ("null", 403, "origin"),
        ("file://", 403, "origin"),
        ("", 400, "handshake"),
        ("nonsense", 400, "handshake"),
        ("http://[", 400, "handshake"),
        ("http://a:99999", 400, "handshake"),
        ("http://é.example", 403, "origin"),
    ],
)
async def test_a_foreign_or_damaged_origin_is_refused(
    server: Server, bystander: ReplicaClient, origin: str, status: int, reason: str
) -> None:
    """Pages of other sites and invalid origins are refused."""
    async with server.expecting(refusals={reason: 1}):
        assert status == await refusal(server, ("Origin", origin))


@pytest.mark.parametrize(
    "origins", [("http://localhost", "https://evil.example"), ("https://evil.example", "http://localhost")]
)
async def test_two_origins_are_refused(server: Server, bystander: ReplicaClient, origins: tuple[str, str]) -> None:
    """Two Origin headers are refused even if one of them is allowed."""
    async with server.expecting(refusals={"origin": 1}):
        assert 403 == await refusal(server, *[("Origin", origin) for origin in origins])


@pytest.mark.parametrize("origin", ["http://localhost", "http://localhost:5173", "https://127.0.0.1", ALLOWED_ORIGIN])
async def test_an_allowed_origin_opens(server: Server, origin: str) -> None:
    """The site's hosts are allowed with any scheme and port, listed origins exactly."""
    async with Peer.connected(server) as peer:
        await peer.handshake(("Origin", origin))


async def test_a_missing_origin_is_refused_in_production(serve: Serve) -> None:
    """In production, a client without an Origin header is not a browser and is refused."""
    server = serve(**PRODUCTION)
    async with server.expecting(refusals={"origin_missing": 1}):
        assert 403 == await refusal(server)
    async with Peer.connected(server) as peer:
        await peer.handshake(("Origin", "https://flotilla.example"))


@pytest.mark.parametrize("path", ["/", "/ws/", "/ws/game", "/ws/game/x", "/ws/game/%00", "//ws//game/"])
async def test_an_unknown_path_is_refused(server: Server, bystander: ReplicaClient, path: str) -> None:
    """Only the game's path accepts WebSockets."""
    async with server.expecting(refusals={"path": 1}):
        assert 403 == await refusal(server, path=path)


@pytest.mark.parametrize("offered", ["flotilla.v2", "chat, superchat", "FLOTILLA.V1"])
async def test_unknown_subprotocols_are_refused(server: Server, bystander: ReplicaClient, offered: str) -> None:
    """A client without a known subprotocol gets 403."""
    async with server.expecting(refusals={"subprotocol": 1}):
        assert 403 == await refusal(server, ("Sec-WebSocket-Protocol", offered))


async def test_our_subprotocol_among_others_is_chosen(server: Server) -> None:
    """Other offered subprotocols are ignored."""
    async with Peer.connected(server) as peer:
        await peer.send(upgrade(("Sec-WebSocket-Protocol", "flotilla.v9, flotilla.v1")))
        head = await peer.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert b"Sec-WebSocket-Protocol: flotilla.v1\r\n" in head


async def test_no_extension_is_negotiated(server: Server) -> None:
    """Browsers offer compression, and the server declines it."""
    async with Peer.connected(server) as peer:
        await peer.send(upgrade(("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")))
        head = await peer.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert b"extensions" not in head.lower()


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (("Sec-WebSocket-Protocol", "flotilla.v1é"), "header"),
        (("Sec-WebSocket-Protocol", "flotilla.v1, flotilla.v1"), "handshake"),
        (("Sec-WebSocket-Key", "short"), "handshake"),
        (("Sec-WebSocket-Version", "12"), "handshake"),
        (("Sec-WebSocket-Version", "x"), "handshake"),
        (("Connection", "close"), "handshake"),
    ],
)
async def test_a_damaged_handshake_is_a_bad_request(
    server: Server, bystander: ReplicaClient, header: tuple[str, str], reason: str
) -> None:
    """Invalid headers get 400."""
    async with server.expecting(refusals={reason: 1}):
        assert 400 == await refusal(server, header)


async def test_a_client_cannot_set_the_root_path(server: Server, bystander: ReplicaClient) -> None:
    """Daphne reads a root path from a request header. The server ignores that header."""
    async with Peer.connected(server) as peer:
        await peer.handshake(("Daphne-Root-Path", "/elsewhere"))
    async with Peer.connected(server) as peer:
        headers = "Host: localhost", "Connection: close", "Daphne-Root-Path: /elsewhere"
        await peer.send("\r\n".join(["GET / HTTP/1.1", *headers, "", ""]).encode())
        async with asyncio.timeout(PATIENCE_S):
            page = await peer.reader.read()
        assert page.startswith(b"HTTP/1.1 200 ")
        assert b"elsewhere" not in page


GARBAGE = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) + b"\r\n\r\n",
    "no version": b"GET /ws/game/\r\n\r\n",
    "no host": b"GET /ws/game/ HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
    "bad header": b"GET /ws/game/ HTTP/1.1\r\nHost: localhost\r\nno colon here\r\n\r\n",
    "bytes in the path": b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "an endless line": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "endless headers": b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 5000 + b"\r\n",
    "bad length": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "POST upgrade": upgrade().replace(b"GET", b"POST"),
    "upgrade to something else": upgrade(("Upgrade", "h2c"), ("Connection", "Upgrade, close")),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
async def test_garbage_on_the_port_is_harmless(server: Server, bystander: ReplicaClient, garbage: bytes) -> None:
    """Bytes that are no handshake get an HTTP error or the end of the connection."""
    async with Peer.connected(server) as peer:
        await peer.send(garbage)
        try:
            status = await peer.status()
        except (asyncio.IncompleteReadError, ConnectionResetError):
            status = 400
        assert 400 <= status < 600


async def test_half_a_handshake_is_harmless(server: Server, bystander: ReplicaClient) -> None:
    """A peer that disconnects in the middle of its headers counts neither as refusal nor as close."""
    async with server.expecting():
        for cut in (1, 20, 60, len(upgrade()) - 1):
            async with Peer.connected(server) as peer:
                await peer.send(upgrade()[:cut])
                await bystander.flown(1)


async def test_a_peer_that_does_not_wait_for_the_101_is_harmless(server: Server, bystander: ReplicaClient) -> None:
    """RFC 6455 forbids frames before the response to the handshake. Early frames are dropped."""
    async with Peer.connected(server) as peer:
        await peer.send(upgrade(V1) + frame(BINARY, b"too early"))
        assert 101 == await peer.status()
        await peer.send(frame(BINARY, inputs.encode_hello()))
        assert (await peer.data())[0] in (outputs.WELCOME, outputs.STATUS)
