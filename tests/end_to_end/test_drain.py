import asyncio
import time

import pytest

from app.wire.outputs import Goodbye
from tests.end_to_end.clients import ReplicaClient, TutorialClient
from tests.end_to_end.conftest import Serve
from tests.end_to_end.raw import Peer, Refusal
from tests.end_to_end.server import COMMAND, Server
from tests.pacing import until

SLACK_S = 2.5  # for closing handshakes, a busy machine and the end of a process


async def refused(server: Server) -> bool:
    """Return True if a new handshake is answered with 503."""
    async with Peer.connected(server) as peer:
        try:
            await peer.handshake()
        except Refusal as refusal:
            assert 503 == refusal.status
            return True
    return False


async def until_refused(server: Server) -> None:
    async with asyncio.timeout(10):
        while not await refused(server):
            pass


async def test_a_drain_closes_players_one_after_the_other(serve: Serve) -> None:
    """Each gets a hint and 1012 within the window. New players are refused."""
    server = serve(command=COMMAND, FLOTILLA_DRAIN_WINDOW_SECONDS="2")
    async with (
        ReplicaClient.connected(server) as one,
        TutorialClient.connected(server) as two,
        ReplicaClient.connected(server) as three,
        ReplicaClient.connected(server) as four,
    ):
        players = (one, two, three, four)
        await asyncio.gather(one.flown(), two.until(lambda: two.own), three.flown(), four.flown())
        started = time.monotonic()
        server.terminate()
        closing = [asyncio.create_task(closed_at(player)) for player in players]
        await until_refused(server)
        moments = sorted([await task - started for task in closing])
        assert 0 == await asyncio.to_thread(server.wait)
        assert time.monotonic() - started < 2 + SLACK_S
    assert moments[-1] - moments[0] > 1
    assert {1012} == {player.socket.close_code for player in players}
    assert all(isinstance(hint, Goodbye) and hint.reconnect_after_ms <= 250 for hint in goodbyes(one, three, four))
    assert two.others[-1]["reconnectAfterMs"] <= 250


async def closed_at(player: ReplicaClient | TutorialClient) -> float:
    await player.close_code()
    return time.monotonic()


def goodbyes(*players: ReplicaClient) -> list[object]:
    return [player.received[-1] for player in players]


async def test_before_the_window_new_players_are_accepted(serve: Serve) -> None:
    """The game continues during the wait. A second signal closes all players at once."""
    server = serve(command=COMMAND, FLOTILLA_DRAIN_WAIT_SECONDS="60", FLOTILLA_DRAIN_WINDOW_SECONDS="60")
    async with ReplicaClient.connected(server) as early:
        await early.flown()
        server.terminate()
        async with ReplicaClient.connected(server) as late:
            await late.flown()
            await early.flown()
            server.terminate()
            started = time.monotonic()
            assert [1012, 1012] == [await early.close_code(), await late.close_code()]
            assert 0 == await asyncio.to_thread(server.wait)
            assert time.monotonic() - started < SLACK_S


async def test_a_second_signal_in_the_window(serve: Serve) -> None:
    """It closes the remaining players at once."""
    server = serve(command=COMMAND, FLOTILLA_DRAIN_WINDOW_SECONDS="60")
    async with ReplicaClient.connected(server) as one, ReplicaClient.connected(server) as two:
        await asyncio.gather(one.flown(), two.flown())
        server.terminate()
        await until(lambda: {1012, None} == {one.socket.close_code, two.socket.close_code})
        server.terminate()
        assert [1012, 1012] == [await one.close_code(), await two.close_code()]
        assert 0 == await asyncio.to_thread(server.wait)


@pytest.mark.parametrize("wait", ["0", "1"])
async def test_without_players_there_is_no_window(serve: Serve, wait: str) -> None:
    """The process ends after the wait."""
    server = serve(command=COMMAND, FLOTILLA_DRAIN_WAIT_SECONDS=wait, FLOTILLA_DRAIN_WINDOW_SECONDS="60")
    started = time.monotonic()
    server.terminate()
    assert 0 == await asyncio.to_thread(server.wait)
    assert float(wait) <= time.monotonic() - started < float(wait) + SLACK_S


async def test_silent_peers_do_not_delay_the_end(serve: Serve) -> None:
    """A socket that never answers and an incomplete handshake are closed after the time for closing."""
    server = serve(command=COMMAND, FLOTILLA_DRAIN_WINDOW_SECONDS="0.5")
    async with Peer.connected(server) as mute, Peer.connected(server) as half:
        await mute.handshake()
        mute.stop_reading()
        await half.send(b"GET /ws/game/ HTTP/1.1\r\nHost: localhost\r\n")
        started = time.monotonic()
        server.terminate()
        assert 0 == await asyncio.to_thread(server.wait)
        assert time.monotonic() - started < 0.5 + SLACK_S
