"""Clients of the game for tests: one as the tutorial describes it, one that speaks flotilla.v1 and keeps a replica."""

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

STEERING_PERIOD_S: Final = 0.05  # the tutorial's client tells its facing 20 times a second


class Client(abc.ABC):
    """An open socket whose messages are taken in as they come."""

    def __init__(self, socket: ClientConnection) -> None:
        """Take an open socket."""
        self.socket = socket
        self._news = asyncio.Condition()

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, server: Server, **options: Any) -> AsyncIterator[Self]:
        """Connect, take messages in for the time of the block, and close."""
        # The machine's proxies are for the network outside, not for a server of our own.
        async with websockets.connect(server.url, proxy=None, **options) as socket:
            client = cls(socket)
            listening = asyncio.create_task(client._listen())
            try:
                yield client
            finally:
                await socket.close()
                await listening

    async def until(self, condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
        """Return when `condition` holds after a message; raises TimeoutError when it does not in time."""
        async with asyncio.timeout(patience_s), self._news:
            await self._news.wait_for(lambda: bool(condition()))

    async def close_code(self) -> int | None:
        """Wait for the server to close; return its code."""
        async with asyncio.timeout(PATIENCE_S):
            await self.socket.wait_closed()
        return self.socket.close_code

    async def _listen(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):  # what the code was, the tests ask themselves
            async for message in self.socket:
                async with self._news:
                    self.take(message)
                    self._news.notify_all()

    @abc.abstractmethod
    def take(self, message: str | bytes) -> None:
        """Take in one message."""


class TutorialClient(Client):
    """Plays as the tutorial's load test does: learns its id, then says where it looks, and notes what it sees."""

    def __init__(self, socket: ClientConnection) -> None:
        """Know nothing yet."""
        super().__init__(socket)
        self.player_id: str | None = None
        self.ships: dict[str, dict[str, Any]] = {}
        self.history: list[dict[str, dict[str, Any]]] = []  # the ships at each update
        self.others: list[dict[str, Any]] = []  # messages of types that the tutorial does not know
        self.told_facing = 0.0

    @property
    def updates(self) -> int:
        """The number of updates so far."""
        return len(self.history)

    @property
    def own(self) -> dict[str, Any]:
        """The own ship as last seen; empty before it was."""
        return self.ships.get(self.player_id or "", {})

    def take(self, message: str | bytes) -> None:
        """Take in playerId or stateUpdate."""
        data = json.loads(message)
        if data["type"] == "playerId":
            self.player_id = data["playerId"]
        elif data["type"] == "stateUpdate":
            self.ships = {ship["id"]: ship for ship in data["objects"]}
            self.history.append(self.ships)
        else:
            self.others.append(data)

    async def say(self, kind: str, **fields: Any) -> None:
        """Send a message of that type in the own name."""
        await self.socket.send(json.dumps({"type": kind, "playerId": self.player_id, **fields}))

    async def steer_for_ever(self) -> None:
        """Say 20 times a second that the ship faces the sine of the time."""
        while True:
            self.told_facing = math.sin(time.time())
            await self.say("facing", facing=self.told_facing)
            await pace(STEERING_PERIOD_S)


class ReplicaClient(Client):
    """Speaks flotilla.v1; fails at the first frame that does not fit its replica."""

    def __init__(self, socket: ClientConnection) -> None:
        """Know nothing yet."""
        super().__init__(socket)
        self.replica = Replica()
        self.said: list[ServerMessage] = []
        self.history: dict[int, bytes] = {}  # the exact ships after each tick that was seen

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, server: Server, *, hello: bytes | None = None, **options: Any) -> AsyncIterator[Self]:
        """Connect and say HELLO, or `hello`; an empty one is not sent."""
        subprotocols = [Subprotocol("flotilla.v1")]
        async with super().connected(server, subprotocols=subprotocols, **options) as client:
            if hello != b"":
                await client.socket.send(inputs.encode_hello() if hello is None else hello)
            yield client

    @property
    def ship(self) -> int:
        """The id of the own ship; 0 before WELCOME."""
        return self.replica.welcome.ship if self.replica.welcome else 0

    @property
    def ships(self) -> dict[int, dict[str, Any]]:
        """The ships by id, each with its fields by name."""
        names = self.replica.records.dtype.names or ()
        return {row[0]: dict(zip(names, row, strict=True)) for row in self.replica.records.tolist()}

    @property
    def own(self) -> dict[str, Any]:
        """The own ship as last seen; empty before it was."""
        return self.ships.get(self.ship, {})

    @property
    def frames(self) -> int:
        """The number of frames so far."""
        return self.count(Keyframe) + self.count(DeltaBody) + self.count(Full)

    def count(self, kind: type[ServerMessage]) -> int:
        """The number of messages of that type so far."""
        return sum(isinstance(said, kind) for said in self.said)

    def take(self, message: str | bytes) -> None:
        """Take in one WebSocket message."""
        assert isinstance(message, bytes)
        messages = self.replica.apply(message)
        assert not self.replica.wants_resync, messages
        self.said += messages
        if self.replica.in_step:
            self.history[self.replica.tick] = self.replica.records.tobytes()

    async def steer(self, sequence: int, heading: int, *, thrusting: bool = False) -> None:
        """Send INPUT."""
        await self.socket.send(inputs.encode_input(sequence, heading, thrusting=thrusting))

    async def ping(self, nonce: int) -> None:
        """Send PING."""
        await self.socket.send(inputs.encode_ping(nonce))

    async def bare(self, message: Resync | Pause | Resume) -> None:
        """Send a message without a body."""
        await self.socket.send(inputs.encode_bare(message))

    async def flown(self, frames: int = 3) -> None:
        """Wait for some more frames."""
        goal = self.frames + frames
        await self.until(lambda: self.frames >= goal)
