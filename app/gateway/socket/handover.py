"""Moves an accepted socket from Twisted's reactor to uvloop, whose transports read and write in C.

Daphne and autobahn do the handshake as usual. Then the socket leaves the reactor and becomes a GameSocket. Autobahn
still handles pings, closes, timeouts and unusual frames, with a shim as its transport. Bytes that arrive during the
handover stay in the kernel. Without a handover (TLS inside Daphne, another event loop) the socket stays with Twisted
and behaves the same, but slower.
"""

import asyncio
from functools import partial
from typing import Any, Final, cast

import uvloop
from autobahn.twisted.websocket import WebSocketServerProtocol
from twisted.internet.error import ConnectionLost
from twisted.internet.tcp import Connection
from twisted.python.failure import Failure

from app.gateway.socket.game_socket import GameSocket
from app.gateway.socket.shim import Shim
from app.gateway.socket.transport_sink import TransportSink

RETRY_S: Final = 0.05  # seconds between checks whether Twisted has written its last byte: a tick


def begin(game: Any, sink: TransportSink, budget: int) -> None:
    """Move the accepted socket of `game`, which has its receiver, as soon as Twisted has written all its bytes.

    `budget` is the write budget in bytes. Must be called in the running loop.
    """
    loop = asyncio.get_running_loop()
    if isinstance(loop, uvloop.Loop) and isinstance(game.transport, Connection) and not game.transport.TLS:
        loop.call_soon(_attempt, loop, game, sink, budget)


def _attempt(loop: uvloop.Loop, game: Any, sink: TransportSink, budget: int) -> None:
    twisted = game.transport
    if game.state != WebSocketServerProtocol.STATE_OPEN or not twisted.connected:
        return
    if twisted.dataBuffer or twisted._tempDataBuffer:  # noqa: SLF001  # Twisted has no event for "all is written"
        loop.call_later(RETRY_S, _attempt, loop, game, sink, budget)
        return
    twisted.unregisterProducer()
    twisted.stopReading()
    twisted.stopWriting()
    shim = game.transport = Shim(twisted)
    sink.write_to(shim)
    taken = loop.create_task(loop.connect_accepted_socket(lambda: _socket(game, sink, shim, budget), twisted.socket))
    game.handover = taken  # the loop alone does not keep a task alive
    taken.add_done_callback(partial(_taken, game))


def _socket(game: Any, sink: TransportSink, shim: Shim, budget: int) -> GameSocket:
    game.socket = GameSocket(game, sink, shim, budget)
    return cast("GameSocket", game.socket)


def _taken(game: Any, taken: "asyncio.Task[Any]") -> None:
    game.handover = None
    if taken.cancelled() or taken.exception() is not None:
        game.connectionLost(Failure(ConnectionLost("the socket could not be handed over")))
