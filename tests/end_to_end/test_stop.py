import asyncio
import contextlib
import signal
import socket
from pathlib import Path

import pytest

from tests.end_to_end.clients import ReplicaClient, TutorialClient
from tests.end_to_end.conftest import Serve
from tests.end_to_end.raw import Peer
from tests.end_to_end.server import COMMAND, ran


async def test_sigterm_closes_every_player_with_a_hint(serve: Serve) -> None:
    """Each player gets a hint in its protocol and 1012. The exit code is 0."""
    server = serve(command=COMMAND)
    async with (
        ReplicaClient.connected(server) as replica,
        TutorialClient.connected(server) as tutorial,
        ReplicaClient.connected(server, hello=b"") as waiting,
    ):
        await replica.flown()
        await tutorial.until(lambda: tutorial.own)
        server.terminate()
        assert [1012, 1012, 1012] == [await client.close_code() for client in (replica, tutorial, waiting)]
        assert 0 == await asyncio.to_thread(server.wait)
    for goodbye in (replica.replica.goodbye, waiting.replica.goodbye):
        assert goodbye is not None
        assert 0 <= goodbye.reconnect_after_ms <= 250
    assert "goodbye" == tutorial.others[-1]["type"]
    assert 0 <= tutorial.others[-1]["reconnectAfterMs"] <= 250


async def test_sigterm_does_not_wait_for_silent_peers(serve: Serve) -> None:
    """Sockets that were reset, sent no HELLO or never read do not delay the end."""
    server = serve(command=COMMAND)
    async with contextlib.AsyncExitStack() as crowd:
        for number in range(20):
            peer = await crowd.enter_async_context(Peer.connected(server))
            await peer.handshake()
            if number % 2:
                peer.vanish()
        server.terminate()
        assert 0 == await asyncio.to_thread(server.wait)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_server_without_players_stops_at_once(serve: Serve, number: signal.Signals) -> None:
    """Both signals end the process with 0, also if sent repeatedly."""
    server = serve(command=COMMAND)
    for _ in range(3):
        server.send_signal(number)
    assert 0 == await asyncio.to_thread(server.wait)


async def test_the_next_process_takes_the_port_at_once(serve: Serve) -> None:
    """After a restart at the same port, players can reconnect."""
    server = serve(command=COMMAND)
    async with ReplicaClient.connected(server) as client:
        await client.flown()
        server.terminate()
        assert 1012 == await client.close_code()
        assert 0 == await asyncio.to_thread(server.wait)
    successor = serve(command=COMMAND, port=server.port)
    async with ReplicaClient.connected(successor) as client:
        await client.flown()


def test_a_port_in_use_is_reported_in_a_sentence(tmp_path: Path) -> None:
    """One sentence contains the address and the remedy, and the exit code is 1."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = ran(*COMMAND, f"127.0.0.1:{port}", FLOTILLA_LOG_LEVEL="CRITICAL")
    assert 1 == ended.returncode
    assert "" == ended.stdout
    (sentence,) = [line for line in ended.stderr.splitlines() if "CRITICAL" not in line]  # Daphne logs the same error
    assert sentence.startswith(f"CommandError: Cannot listen on 127.0.0.1:{port} (")
