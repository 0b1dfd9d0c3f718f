"""Clients for tests: one for the tutorial's JSON protocol, and one for flotilla.v1 with a replica of the world."""

import abc
import asyncio
import contextlib
import json
import math
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, Self

import websockets
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from app.wire import inputs
from app.wire.inputs import Pause, Resume, Resync
from app.wire.outputs import DeltaBody, Full, Keyframe, ServerMessage
from loadtest.players.replica import Replica
from tests.end_to_end.server import Server
from tests.pacing import PATIENCE_S, pace

STEERING_PERIOD_S: Final = 0.05  # the tutorial's client sends its facing 20 times a second


class Client(abc.ABC):
    """An open socket whose messages are processed as they arrive."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._news = asyncio.Condition()

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, server: Server, **options: Any) -> AsyncIterator[Self]:
        """Connect and process messages within the block, then close."""
        # The server is local: do not use the machine's proxies.
        async with websockets.connect(server.url, proxy=None, **options) as socket:
            client = cls(socket)
            listening = asyncio.create_task(client._listen())
            try:
                yield client
            finally:
                await socket.close()
                await listening

    async def until(self, condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
        """Return when `condition` holds after a message. Raises TimeoutError after `patience_s` seconds."""
        async with asyncio.timeout(patience_s), self._news:
            await self._news.wait_for(lambda: bool(condition()))

    async def close_code(self) -> int | None:
        """Wait until the server closes the socket. Return the close code."""
        async with asyncio.timeout(PATIENCE_S):
            await self.socket.wait_closed()
        return self.socket.close_code

    async def _listen(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):  # tests check the close code
            async for message in self.socket:
                async with self._news:
                    self.take(message)
                    self._news.notify_all()

    @abc.abstractmethod
    def take(self, message: str | bytes) -> None:
        """Process one message."""


class TutorialClient(Client):
    """Plays as the tutorial's load test does: receives its id, sends its facing, and records all updates."""

    def __init__(self, socket: ClientConnection) -> None:

        super().__init__(socket)
        self.player_id: str | None = None
        self.ships: dict[str, dict[str, Any]] = {}
        self.history: list[dict[str, dict[str, Any]]] = []  # the ships after each update
        self.others: list[dict[str, Any]] = []  # messages of types that are not in the tutorial
        self.sent_facing = 0.0

    @property
    def updates(self) -> int:
        return len(self.history)

    @property
    def own(self) -> dict[str, Any]:
        """The client's ship in the last update; empty before it appears."""
        return self.ships.get(self.player_id or "", {})

    def take(self, message: str | bytes) -> None:
        data = json.loads(message)
        if data["type"] == "playerId":
            self.player_id = data["playerId"]
        elif data["type"] == "stateUpdate":
            self.ships = {ship["id"]: ship for ship in data["objects"]}
            self.history.append(self.ships)
        else:
            self.others.append(data)

    async def send_message(self, kind: str, **fields: Any) -> None:
        """Send a message of type `kind` with the client's id."""
        await self.socket.send(json.dumps({"type": kind, "playerId": self.player_id, **fields}))

    async def steer_forever(self) -> None:
        """Send the sine of the time as facing, 20 times a second."""
        while True:
            self.sent_facing = math.sin(time.time())
            await self.send_message("facing", facing=self.sent_facing)
            await pace(STEERING_PERIOD_S)


class ReplicaClient(Client):
    """A client for flotilla.v1. It fails at the first frame that does not match its replica."""

    def __init__(self, socket: ClientConnection) -> None:

        super().__init__(socket)
        self.replica = Replica()
        self.received: list[ServerMessage] = []
        self.history: dict[int, bytes] = {}  # the exact ships after each received tick

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, server: Server, *, hello: bytes | None = None, **options: Any) -> AsyncIterator[Self]:
        """Connect and send HELLO, or `hello` if it is given and not empty."""
        subprotocols = [Subprotocol("flotilla.v1")]
        async with super().connected(server, subprotocols=subprotocols, **options) as client:
            if hello != b"":
                await client.socket.send(inputs.encode_hello() if hello is None else hello)
            yield client

    @property
    def ship(self) -> int:
        """The id of the client's ship; 0 before WELCOME."""
        return self.replica.welcome.ship if self.replica.welcome else 0

    @property
    def ships(self) -> dict[int, dict[str, Any]]:
        names = self.replica.records.dtype.names or ()
        return {row[0]: dict(zip(names, row, strict=True)) for row in self.replica.records.tolist()}

    @property
    def own(self) -> dict[str, Any]:
        """The client's ship in the last frame; empty before it appears."""
        return self.ships.get(self.ship, {})

    @property
    def frames(self) -> int:
        return self.count(Keyframe) + self.count(DeltaBody) + self.count(Full)

    def count(self, kind: type[ServerMessage]) -> int:
        return sum(isinstance(message, kind) for message in self.received)

    def take(self, message: str | bytes) -> None:
        assert isinstance(message, bytes)
        messages = self.replica.apply(message)
        assert not self.replica.wants_resync, messages
        self.received += messages
        if self.replica.in_step:
            self.history[self.replica.tick] = self.replica.records.tobytes()

    async def steer(self, sequence: int, heading: int, *, thrusting: bool = False) -> None:
        await self.socket.send(inputs.encode_input(sequence, heading, thrusting=thrusting))

    async def ping(self, nonce: int) -> None:
        await self.socket.send(inputs.encode_ping(nonce))

    async def bare(self, message: Resync | Pause | Resume) -> None:
        """Send a message without a body."""
        await self.socket.send(inputs.encode_bare(message))

    async def flown(self, frames: int = 3) -> None:
        """Wait for this many more frames."""
        goal = self.frames + frames
        await self.until(lambda: self.frames >= goal)
