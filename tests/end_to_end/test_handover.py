import asyncio
import contextlib
import re

from app.wire import inputs, outputs
from app.wire.outputs import Keyframe, ServerMessage, Welcome
from tests.end_to_end.conftest import Serve
from tests.end_to_end.raw import BINARY, Peer, frame, upgrade
from tests.pacing import PATIENCE_S, until

CROWD = 500
V1 = ("Sec-WebSocket-Protocol", "flotilla.v1")
HELLO = frame(BINARY, inputs.encode_hello())
LARGE = "/static/web/opengraph.png"  # larger than the kernel buffers of a narrow connection and Twisted's first write


async def first_two(peer: Peer) -> list[ServerMessage]:
    """Read the first two messages. Fails if a frame is incomplete or out of order."""
    return [*outputs.decode(await peer.data()), *outputs.decode(await peer.data())]


async def fly_in(peer: Peer) -> list[ServerMessage]:
    """Complete the handshake and send HELLO in two pieces during the handover of the socket."""
    await peer.send(upgrade(V1))
    assert 101 == await peer.status()
    await peer.send(HELLO[:3])
    await peer.send(HELLO[3:])
    return await first_two(peer)


async def large_answer(peer: Peer) -> bytes:
    """Read a complete HTTP response."""
    async with asyncio.timeout(PATIENCE_S):
        head = await peer.reader.readuntil(b"\r\n\r\n")
        size = re.search(rb"(?i)content-length: (\d+)", head)
        assert size is not None, head
        return await peer.reader.readexactly(int(size[1]))


async def test_five_hundred_handshakes_at_once(serve: Serve) -> None:
    """Each peer gets 101, WELCOME and a keyframe, even if its receive window was full."""
    server = serve(FLOTILLA_ARENA_CAPACITY="0")
    async with contextlib.AsyncExitStack() as crowd:
        clogged = await crowd.enter_async_context(Peer.connected(server, narrow=True))
        clogged.stop_reading()
        await clogged.send(f"GET {LARGE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() + upgrade(V1))
        await until(lambda: server.counters().get("flotilla_connections") == 1)

        peers = [await crowd.enter_async_context(Peer.connected(server)) for _ in range(CROWD - 1)]
        for welcome, keyframe in await asyncio.gather(*(fly_in(peer) for peer in peers)):
            assert isinstance(welcome, Welcome)
            assert isinstance(keyframe, Keyframe)
            assert welcome.ship in keyframe.records["id"]

        clogged.read_again()
        assert len(await large_answer(clogged)) > 100_000
        assert 101 == await clogged.status()
        await clogged.send(HELLO)
        welcome, keyframe = await first_two(clogged)
        assert isinstance(welcome, Welcome)
        assert isinstance(keyframe, Keyframe)
        assert CROWD == len(keyframe.records)
    server.assert_clean_log()


async def test_what_comes_during_the_handover_is_not_lost(serve: Serve) -> None:
    """HELLO and three inputs come in one segment after the 101. The ship follows the last input."""
    server = serve()
    async with Peer.connected(server) as peer:
        steers = b"".join(frame(BINARY, inputs.encode_input(i, 10 * i, thrusting=True)) for i in (1, 2, 3))
        await peer.handshake(V1)
        await peer.send(HELLO + steers)
        welcome, _ = await first_two(peer)
        assert isinstance(welcome, Welcome)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await peer.send(frame(BINARY, b"\x04"))  # RESYNC
                for message in outputs.decode(await peer.data()):
                    if isinstance(message, Keyframe) and message.records["sequence"][0] == 3:
                        assert 30 == message.records["heading"][0]
                        return
