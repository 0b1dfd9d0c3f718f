import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from tests.end_to_end.conftest import Serve
from tests.end_to_end.server import Server
from tests.end_to_end.test_leaks import VISIT
from tests.pacing import until

PEERS = 30
MOST_BYTES = 1024  # of cyclic garbage for each peer that left


async def _asked(server: Server, request: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"{request}\r\nHost: {server.address}\r\nConnection: close\r\n\r\n".encode())
    await reader.read()
    writer.close()
    await writer.wait_closed()


async def page(server: Server) -> None:
    await _asked(server, "GET / HTTP/1.1")


async def missing(server: Server) -> None:
    await _asked(server, "GET /nothing HTTP/1.1")


async def no_http(server: Server) -> None:
    await _asked(server, "NONSENSE")


async def nothing(server: Server) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("visit", [*VISIT, page, missing, no_http, nothing])
async def test_a_peer_that_left_is_no_garbage(serve: Serve, visit: Callable[[Server], Awaitable[None]]) -> None:
    """Memory is free at once, without a full collection, which would stop all players."""
    server = serve()
    for _ in range(2):  # caches are filled, and the garbage of the start is found
        await visit(server)
        await _left_behind(server)
    for _ in range(PEERS):
        await visit(server)
    left = await _left_behind(server)
    assert left.total() <= PEERS * MOST_BYTES, left


async def _left_behind(server: Server) -> Counter[str]:
    """Return the bytes of garbage, after Daphne has forgotten all sockets. It looks once a second."""
    await server.settle()
    left: Counter[str] = Counter()

    def forgotten() -> bool:
        found = Counter(server.garbage())
        still_open = found.pop("open")
        left.update(found)
        return not still_open

    await until(forgotten)
    return left
