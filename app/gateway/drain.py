"""The drain: how a process lets its players go. A state machine; time, waiting and chance are given to it.

First nothing changes but the readiness, so that the balancer may hear of it; then new handshakes are refused and the
players are told to come back, in batches, so that their return does not hit the other gateways all at once.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum, auto
from random import Random
from typing import Final, Protocol

STEP_S: Final = 0.05  # seconds between batches: a tick, so that no batch holds up more than one frame
CLOSE_TIMEOUT_S: Final = 2.0  # for the last closing handshakes; autobahn gives a peer up after 1 s
TRAVEL_S: Final = 0.3  # seconds that close frames have on their way, however great the hurry
LONGEST_HINT_MS: Final = 250  # before a player comes back: short, and not the same for all of a batch


class Player(Protocol):
    """A connection, as far as it is let go."""

    def restart(self, reconnect_after_ms: int) -> None:
        """Say goodbye and close for a restart."""


class Crowd(Protocol):
    """Everybody who is connected."""

    def staying(self) -> Sequence[Player]:
        """Return those whose connections are open and not closing."""


class Door(Protocol):
    """What lets players in."""

    draining: bool
    """Whether all are refused."""

    sockets: int
    """How many are inside, or on their way in or out."""


class Phase(Enum):
    """How far a drain has come."""

    SERVING = auto()
    WAITING = auto()  # all goes on, until the balancer has heard that this process is not ready
    CLOSING = auto()  # nobody comes in; batch by batch, players are told to go
    LINGERING = auto()  # all were told, some are not gone yet
    DONE = auto()


class Drain:
    """Lets everybody of `crowd` go."""

    def __init__(
        self,
        crowd: Crowd,
        door: Door,
        *,
        wait_s: float,
        window_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Random | None = None,
    ) -> None:
        """Take for how many seconds players are still let in, and over how many those who are in are told to go."""
        self.phase = Phase.SERVING
        self._crowd = crowd
        self._door = door
        self._wait_s = wait_s
        self._window_s = window_s
        self._clock = clock
        self._sleep = sleep
        self._random = random or Random()  # noqa: S311  # who comes back first is no secret
        self._since = clock()  # when the phase began
        self._linger_s = CLOSE_TIMEOUT_S
        self._told = 0

    @property
    def begun(self) -> bool:
        """Whether this process is on its way out."""
        return self.phase is not Phase.SERVING

    async def run(self) -> None:
        """Drain, to the end; once."""
        self._enter(Phase.WAITING)
        while not self.step():
            await self._sleep(STEP_S)

    def hurry(self) -> None:
        """Wait no more, tell everybody at the next step, and do not wait long for those who were told."""
        self._wait_s = self._window_s = 0.0
        if self.phase is Phase.LINGERING:
            self._linger_s = min(self._linger_s, self._clock() - self._since + TRAVEL_S)

    def step(self) -> bool:
        """Do what is due; return whether all is done."""
        if self.phase is Phase.WAITING and self._elapsed() >= self._wait_s:
            self._door.draining = True
            self._enter(Phase.CLOSING)
        if self.phase is Phase.CLOSING:
            self._close_some()
        if self.phase is Phase.LINGERING:
            self._tell(self._crowd.staying())  # handshakes that were under way
            if not self._door.sockets or self._elapsed() >= self._linger_s:
                self._enter(Phase.DONE)
        return self.phase is Phase.DONE

    def _close_some(self) -> None:
        """Tell as many as bring the told to the share of the window that is over."""
        staying = self._crowd.staying()
        share = min(1.0, self._elapsed() / self._window_s) if self._window_s else 1.0
        due = math.ceil((self._told + len(staying)) * share) - self._told
        batch = staying[: max(0, due)]
        self._tell(batch)
        if len(batch) == len(staying):
            self._enter(Phase.LINGERING)

    def _tell(self, players: Sequence[Player]) -> None:
        for player in players:
            player.restart(self._random.randint(0, LONGEST_HINT_MS))
        self._told += len(players)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self._since = self._clock()

    def _elapsed(self) -> float:
        return self._clock() - self._since
