"""One visitor who shows that a site can be played: in the tutorial's JSON, or in flotilla.v1.

Players of a crowd reconnect with growing pauses. A visitor tries again at once, so that the time to the first frame
depends on the site only.
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
from loadtest.processes.process import wait_until

ANSWER_S: Final = 5.0  # longest wait for a handshake, or for a message
RETRY_S: Final = 0.1
FLIGHT_S: Final = 5.0  # until a ship under thrust must have moved
FULL_SPEED: Final = 1.0  # units per tick, per axis or more: clearly under thrust
V1: Final = "flotilla.v1"


def opened(door: Door, subprotocol: str | None) -> ClientConnection:
    """Return an open socket that never pings. Raises OSError, TimeoutError or WebSocketException."""
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
    """Return when a new player sees a world with an own ship. Raises SiteError with the last error if none does."""
    error: Exception | None = None

    def seen() -> bool:
        nonlocal error
        try:
            fly_v1(door, moved=False)
        except (OSError, WebSocketException) as caught:
            error = caught
            return False
        return True

    wait_until(seen, patience_s, lambda: f"No player got a frame within {patience_s:g} s: {error!r}", RETRY_S)


def fly_v1(door: Door, *, moved: bool = True) -> None:
    """Connect, steer, and see the own ship, with `moved` in motion. Raises OSError or WebSocketException."""
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
    """Connect, hold the button, and see the own ship move. Raises OSError or WebSocketException."""
    player = None
    with opened(door, None) as connection:
        for message in _messages(connection):
            received = json.loads(message)
            if received["type"] == "playerId":
                player = received["playerId"]
                connection.send(json.dumps({"type": "facing", "playerId": player, "facing": 0.0}))
                connection.send(json.dumps({"type": "mouseDown", "playerId": player}))
            elif received["type"] == "stateUpdate":
                own = next((ship for ship in received["objects"] if ship["id"] == player), None)
                if own is not None and own["thrusting"] and own["dx"] > FULL_SPEED:
                    return


def _messages(connection: ClientConnection) -> Iterator[str | bytes]:
    deadline = time.monotonic() + FLIGHT_S
    while time.monotonic() < deadline:
        yield connection.recv(timeout=ANSWER_S)
    raise TimeoutError("the world moves, but the own ship does not")
