"""One player who comes by hand, to tell whether a game can be played at all: in the tutorial's JSON, or in flotilla.v1.

The crowd comes back by the rules, with pauses that grow; a visitor tries again at once, so that the time to the first
frame is the site's and not the rules'.
"""

import json
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.wire import inputs
from loadtest.players.door import Door
from loadtest.players.replica import Replica
from loadtest.processes.process import SiteError

ANSWER_S: Final = 5.0  # longest wait for a handshake, or for a message
LOOK_AGAIN_S: Final = 0.1
FLIGHT_S: Final = 5.0  # within which a ship under thrust must be seen to move
FULL_SPEED: Final = 1.0  # units per tick, per axis or more: clearly under thrust
V1: Final = "flotilla.v1"


def opened(door: Door, subprotocol: str | None) -> ClientConnection:
    """Return an open socket, which never pings by itself; raises OSError, TimeoutError or WebSocketException."""
    url = urlsplit(door.urls[0])
    assert url.hostname is not None
    assert url.port is not None
    host = next((value for name, value in door.headers if name == "Host"), url.netloc)
    tls = ssl.create_default_context(cafile=door.ca) if url.scheme == "wss" else None
    peer = socket.create_connection((url.hostname, url.port), ANSWER_S)
    try:
        connection = connect(
            url._replace(netloc=host).geturl(),
            sock=peer,
            ssl=tls,
            server_hostname=door.server_name if tls else None,
            additional_headers=[(name, value) for name, value in door.headers if name != "Host"],
            subprotocols=[Subprotocol(subprotocol)] if subprotocol else None,
            compression=None,
            proxy=None,
            open_timeout=ANSWER_S,
            ping_interval=None,
            close_timeout=1,
        )
    except BaseException:
        peer.close()
        raise
    assert isinstance(connection, ClientConnection)
    return connection


def first_frame(door: Door, patience_s: float) -> None:
    """Return as soon as somebody new sees a world with an own ship; raises SiteError when nobody does in time."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return fly_v1(door, moved=False)
        except (OSError, WebSocketException) as error:
            if time.monotonic() > deadline:
                raise SiteError(f"Nobody saw a frame within {patience_s:g} s: {error!r}") from error
        time.sleep(LOOK_AGAIN_S)


def fly_v1(door: Door, *, moved: bool = True) -> None:
    """Come, steer, and see the own ship (move, unless told otherwise); raises OSError or WebSocketException."""
    replica = Replica()
    with opened(door, V1) as connection:
        connection.send(inputs.encode_hello())
        connection.send(inputs.encode_input(1, 64, thrusting=True))
        for message in _messages(connection):
            assert isinstance(message, bytes)
            replica.apply(message)
            if replica.welcome is None or not replica.in_step:
                continue
            own = replica.records[replica.records["id"] == replica.welcome.ship]
            if len(own) and (not moved or own["vy"][0] > 1024 * FULL_SPEED):
                return


def fly_as_in_the_tutorial(door: Door) -> None:
    """Come, hold the button, and see the own ship move; raises OSError or WebSocketException."""
    player = None
    with opened(door, None) as connection:
        for message in _messages(connection):
            told = json.loads(message)
            if told["type"] == "playerId":
                player = told["playerId"]
                connection.send(json.dumps({"type": "facing", "playerId": player, "facing": 0.0}))
                connection.send(json.dumps({"type": "mouseDown", "playerId": player}))
            elif told["type"] == "stateUpdate":
                own = next((ship for ship in told["objects"] if ship["id"] == player), None)
                if own is not None and own["thrusting"] and own["dx"] > FULL_SPEED:
                    return


def _messages(connection: ClientConnection) -> Iterator[str | bytes]:
    deadline = time.monotonic() + FLIGHT_S
    while time.monotonic() < deadline:
        yield connection.recv(timeout=ANSWER_S)
    raise TimeoutError("the world is there, but the own ship does not fly in it")
