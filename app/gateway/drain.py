"""The drain: disconnects all players of a process before it ends. A state machine with injected time and chance.

First only the readiness changes, until the load balancer has noticed. Then the process refuses new handshakes and
closes its connections in batches, so that the players do not reach the other gateways all at the same time.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum, auto
from random import Random
from typing import Final, Protocol

STEP_S: Final = 0.05  # seconds between batches: a tick, so that a batch delays at most one frame
CLOSE_TIMEOUT_S: Final = 2.0  # seconds for the last closing handshakes; autobahn drops a peer after 1 s
TRAVEL_S: Final = 0.3  # seconds for close frames to arrive, also in a hurry
LONGEST_HINT_MS: Final = 250  # milliseconds before a player returns: short, and different within a batch


class Player(Protocol):
    def restart(self, reconnect_after_ms: int) -> None:
        """Send the hint and close for a restart."""


class Connections(Protocol):
    def open_connections(self) -> Sequence[Player]:
        """Return the connections that are not closing."""


class Admission(Protocol):
    draining: bool
    """True: all handshakes are refused."""

    sockets: int
    """Number of sockets, including those in their opening or closing handshake."""


class Phase(Enum):
    SERVING = auto()
    WAITING = auto()  # not ready, but players still come and play, until the balancer has noticed
    CLOSING = auto()  # handshakes are refused; players are closed batch by batch
    LINGERING = auto()  # all are closed, some have not answered yet
    DONE = auto()


class Drain:
    def __init__(
        self,
        connections: Connections,
        admission: Admission,
        *,
        wait_s: float,
        window_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Random | None = None,
    ) -> None:
        """`wait_s`: seconds in which players still come in. `window_s`: seconds over which they are closed then."""
        self.phase = Phase.SERVING
        self._connections = connections
        self._admission = admission
        self._wait_s = wait_s
        self._window_s = window_s
        self._clock = clock
        self._sleep = sleep
        self._random = random or Random()  # noqa: S311  # the order in which players return is no secret
        self._since = clock()  # when the phase began
        self._linger_s = CLOSE_TIMEOUT_S
        self._closed = 0

    @property
    def begun(self) -> bool:
        """True from the start of the drain on."""
        return self.phase is not Phase.SERVING

    async def run(self) -> None:
        """Drain until done. Call it once."""
        self._enter(Phase.WAITING)
        while not self.step():
            await self._sleep(STEP_S)

    def hurry(self) -> None:
        """Close all players at the next step, and wait only TRAVEL_S for their answers."""
        self._wait_s = self._window_s = 0.0
        if self.phase is Phase.LINGERING:
            self._linger_s = min(self._linger_s, self._clock() - self._since + TRAVEL_S)

    def step(self) -> bool:
        """Take the next step if it is due. Return True when the drain is done."""
        if self.phase is Phase.WAITING and self._elapsed() >= self._wait_s:
            self._admission.draining = True
            self._enter(Phase.CLOSING)
        if self.phase is Phase.CLOSING:
            self._close_some()
        if self.phase is Phase.LINGERING:
            self._close(self._connections.open_connections())  # handshakes that were in progress
            if not self._admission.sockets or self._elapsed() >= self._linger_s:
                self._enter(Phase.DONE)
        return self.phase is Phase.DONE

    def _close_some(self) -> None:
        """Close so many that their share is the share of the window that has passed."""
        left = self._connections.open_connections()
        share = min(1.0, self._elapsed() / self._window_s) if self._window_s else 1.0
        due = math.ceil((self._closed + len(left)) * share) - self._closed
        batch = left[: max(0, due)]
        self._close(batch)
        if len(batch) == len(left):
            self._enter(Phase.LINGERING)

    def _close(self, players: Sequence[Player]) -> None:
        for player in players:
            player.restart(self._random.randint(0, LONGEST_HINT_MS))
        self._closed += len(players)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self._since = self._clock()

    def _elapsed(self) -> float:
        return self._clock() - self._since
