import asyncio
from collections import defaultdict

from app.wire import inputs
from tests.end_to_end.clients import ReplicaClient
from tests.end_to_end.conftest import Serve
from tests.end_to_end.raw import BINARY, CLOSE, TEXT, Peer, Refusal, frame
from tests.end_to_end.server import Server
from tests.pacing import until

VISITS = 300
V1 = ("Sec-WebSocket-Protocol", "flotilla.v1")
GROWTH = defaultdict(lambda: VISITS // 10)  # per class: running timers, and caches that fill once
GROWTH["all objects"] = 5 * VISITS  # of about 200,000
GROWTH["peak memory in KiB"] = 12 * 1024  # the allocator's overhead: about 4 MiB at first, constant after 1,200 visits


async def test_visits_leave_nothing_behind(serve: Serve) -> None:
    """300 visits that end in different ways do not change the number of our objects and tasks."""
    server = serve()
    await visit_all(server, 30)
    before = await at_rest(server)
    await visit_all(server, VISITS)
    after = await at_rest(server)
    assert ours(before) == ours(after)
    assert {} == {kind: grown for kind, count in after.items() if (grown := count - before.get(kind, 0)) > GROWTH[kind]}


def ours(census: dict[str, int]) -> dict[str, int]:
    return {kind: count for kind, count in census.items() if kind.startswith("app.") or kind == "tasks"}


async def visit_all(server: Server, visits: int) -> None:
    for number in range(visits):
        async with asyncio.timeout(10):
            await VISIT[number % len(VISIT)](server)


async def polite(server: Server) -> None:
    async with ReplicaClient.connected(server) as client:
        await client.flown(1)


async def rude(server: Server) -> None:
    async with Peer.connected(server) as peer:
        await peer.handshake(V1)
        await peer.send(frame(BINARY, inputs.encode_hello()))
        peer.vanish()


async def silent(server: Server) -> None:
    async with Peer.connected(server) as peer:
        await peer.handshake()


async def brief(server: Server) -> None:
    async with Peer.connected(server) as peer:
        await peer.handshake()
        await peer.send(frame(CLOSE, b"\x03\xe8"))
        await peer.end()


async def broken(server: Server) -> None:
    async with Peer.connected(server) as peer:
        await peer.handshake()
        await peer.send(frame(TEXT, b"?"))
        assert 4500 == await peer.close_code()


async def unwelcome(server: Server) -> None:
    async with Peer.connected(server) as peer:
        try:
            await peer.handshake(("Origin", "https://evil.example"))
        except Refusal:
            return


async def confused(server: Server) -> None:
    async with Peer.connected(server) as peer:
        try:
            await peer.handshake(("Sec-WebSocket-Key", "short"))
        except Refusal:
            return


VISIT = (polite, rude, silent, brief, broken, unwelcome, confused)


async def at_rest(server: Server) -> dict[str, int]:
    """Return the census when all objects of sockets are gone. Daphne removes closed connections once a second."""
    await server.settle()
    last: dict[str, int] = {}

    def no_socket_left() -> bool:
        last.update(server.census())
        return not any(kind.endswith((".GameProtocol", ".WebRequest", ".Connection")) and last[kind] for kind in last)

    def forget_and_count() -> bool:
        last.clear()
        return no_socket_left()

    await until(forget_and_count)
    return last
