"""What one player of a crowd saw in a phase: whether time only went forward, whether it kept its ship, its freezes."""

import time
from collections import Counter
from random import Random
from typing import Final

from picows import WSUpgradeResponse

from loadtest.load.witness import Witness
from loadtest.measure.durations import Durations
from loadtest.players.door import DoorError
from loadtest.players.hands import Hand
from loadtest.players.observer import Observer
from loadtest.players.people import Controls
from loadtest.players.player import GONE
from loadtest.processes.nginx import GATEWAY_HEADER

COASTS_FROM: Final = 40  # turns after which a coasting witness releases the button: at full speed


class WatchedPlayer(Observer):
    """The log of one player; `mark` begins a phase, of which all public counts are."""

    def __init__(self, gaps: Durations, witness: Witness | None = None) -> None:
        """`gaps` collects the gaps of all players of the crowd."""
        self.witness = witness
        self.gateway = ""
        self.ship = 0
        self.last_frame = 0.0  # by time.monotonic(); 0 before the first
        self.noted_at = self.resumed_at = 0.0
        self._gaps = gaps
        self._connected_before = False
        self._epoch = self._tick = 0
        self.mark()

    def mark(self) -> None:
        self.longest_gap = 0.0  # s
        self.frames = 0
        self.closes: list[int] = []
        self.closed_by: Counter[str] = Counter()  # by gateway, of closes with a close frame
        self.refusals: list[int] = []
        self.refused_because: Counter[str] = Counter()  # the same, by error text
        self.reconnects = 0
        self.epochs: set[int] = set()  # newer than any before the phase
        self.older_epochs = 0
        self.ticks_back = 0
        self.misfits = 0
        self.ships_lost = 0
        self.was_paused = False

    def connected(self, response: WSUpgradeResponse) -> None:
        self.gateway = response.headers.get(GATEWAY_HEADER, "").rpartition(",")[2].strip()
        self.reconnects += self._connected_before
        self._connected_before = True
        if self.witness is not None:
            self.witness.connected()

    def refused(self, error: DoorError) -> None:
        self.refusals.append(error.status)
        self.refused_because[f"{error.kind}: {error}"] += 1

    def closed(self, code: int) -> None:
        self.closes.append(code)
        if code != GONE:
            self.closed_by[self.gateway] += 1

    def framed(self, data: bytes, epoch: int, tick: int) -> bool:
        now = time.monotonic()
        if self.last_frame:
            gap = now - self.last_frame
            self._gaps.add(gap)
            self.longest_gap = max(self.longest_gap, gap)
        self.last_frame = now
        self.frames += 1
        if self.resumed_at <= self.noted_at:
            self.resumed_at = now
        self._check_order(epoch, tick)
        return self.witness is not None and self.witness.take(data, self.ship)

    def named(self, name: str) -> None:
        ship = int(name)
        self.ships_lost += self.ship not in {0, ship}
        self.ship = ship

    def paused(self) -> None:
        self.was_paused = True

    def misfitted(self) -> None:
        self.misfits += 1

    undecodable = misfitted

    def _check_order(self, epoch: int, tick: int) -> None:
        if epoch < self._epoch:
            self.older_epochs += 1
            return
        if epoch > self._epoch:
            self.epochs.add(epoch)
        elif tick < self._tick:
            self.ticks_back += 1
        self._epoch, self._tick = epoch, tick


class CoastingHand(Hand):
    """Holds one heading at full thrust, then releases the button for good."""

    def __init__(self, random: Random, per_s: float | None) -> None:
        super().__init__(random, per_s)
        self._heading = random.randrange(256)
        self._turns = 0

    def controls(self) -> Controls:
        self._turns += 1
        return Controls(self._heading, thrusting=self._turns < COASTS_FROM)
