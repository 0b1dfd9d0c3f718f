"""What one player of the crowd notes: whether time only went on, whether its ship stayed its own, how long it froze."""

import time
from random import Random
from typing import Final

from picows import WSUpgradeResponse

from loadtest.load.crowd.crowd_record import Record
from loadtest.load.crowd.witness import Witness
from loadtest.measure.observation import Histogram
from loadtest.players.door import Door, DoorError
from loadtest.players.hands import Hand
from loadtest.players.observer import Observer
from loadtest.players.people import Controls
from loadtest.players.player import GONE
from loadtest.players.v1 import V1Player
from loadtest.processes.nginx import GATEWAY_HEADER

COASTS_FROM: Final = 40  # turns after which a coasting witness lets go of the button: at full speed


class Player(Observer):
    """One who flies, and looks."""

    def __init__(self, door: Door, gaps: Histogram, random: Random, witness: Witness | None = None) -> None:
        """Take where to connect and where to count gaps between frames; nothing runs yet."""
        hand = CoastingHand(random) if witness is not None and witness.coasts else Hand(random, None)
        self.client = V1Player(door, 0, hand, self, random)
        self.record = Record()
        self.witness = witness
        self.gateway = ""
        self.last_frame = 0.0  # by time.monotonic(); 0 before the first
        self.noted_at = self.resumed_at = 0.0
        self.epochs: set[int] = set()
        self._gaps = gaps
        self._name = ""
        self._connected_before = False
        self._epoch = self._tick = 0

    def connected(self, response: WSUpgradeResponse) -> None:
        """Note who answered."""
        self.gateway = response.headers.get(GATEWAY_HEADER, "").rpartition(",")[2].strip()
        self.record.reconnects += self._connected_before
        self._connected_before = True
        if self.witness is not None:
            self.witness.connected()

    def refused(self, error: DoorError) -> None:
        """Note a refusal."""
        self.record.refusals.append(error.status)
        self.record.refused_because[f"{error.kind}: {error}"] += 1

    def closed(self, code: int) -> None:
        """Note how the socket ended."""
        self.record.closes.append(code)
        if code != GONE:
            self.record.closed_by[self.gateway] += 1

    def framed(self, data: bytes, epoch: int, tick: int) -> bool:
        """Note a frame of the world."""
        now = time.monotonic()
        record = self.record
        if self.last_frame:
            gap = now - self.last_frame
            self._gaps.add(gap)
            record.longest_gap = max(record.longest_gap, gap)
        self.last_frame = now
        record.frames += 1
        if self.resumed_at <= self.noted_at:
            self.resumed_at = now
        self._note_moment(epoch, tick)
        return self.witness is not None and self.witness.take(data, self.client.ship)

    def named(self, name: str) -> None:
        """Note which ship is ours."""
        self.record.ships_lost += self._name not in {"", name}
        self._name = name

    def paused(self) -> None:
        """Note that the world stands still."""
        self.record.paused = True

    def misfitted(self) -> None:
        """Note a frame that does not fit."""
        self.record.misfits += 1

    undecodable = misfitted

    def _note_moment(self, epoch: int, tick: int) -> None:
        if epoch < self._epoch:
            self.record.older_epochs += 1
            return
        if epoch > self._epoch:
            self.epochs.add(epoch)
        elif tick < self._tick:
            self.record.ticks_back += 1
        self._epoch, self._tick = epoch, tick


class CoastingHand(Hand):
    """One that lets go of the button for good."""

    def __init__(self, random: Random) -> None:
        """Hold one heading."""
        super().__init__(random, None)
        self._heading = random.randrange(256)
        self._turns = 0

    def controls(self) -> Controls:
        """Return full speed ahead, then nothing more."""
        self._turns += 1
        return Controls(self._heading, thrusting=self._turns < COASTS_FROM)
