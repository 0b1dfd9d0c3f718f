"""What the gateways said since the last tick, reconciled: who came, who left, and the newest input of each ship.

Rosters are states, not events: a batch may be lost or repeated without harm. A session in a roster has or gets a ship;
a ship whose session is in no roster leaves; a gateway that is silent too long takes its ships with it.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from app.sim.rules import MAX_ID
from app.sim.world import Berth, Inputs
from app.wire import uplink
from app.wire.uplink import NO_SHIP, Answer, Batch, Entry

SILENCE_TICKS: Final = (
    60  # ticks (3 s) without a batch before a gateway is gone; ticks, so a process that slept forgives
)
_NOBODY: Final = -1


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A session that waits for a ship."""

    gateway: str
    session: int


@dataclass(frozen=True, slots=True)
class Changes:
    """All that the world must take in before its next step."""

    departures: list[int]
    newcomers: list[Newcomer]
    inputs: Inputs


@dataclass(slots=True)
class _Gateway:
    index: int
    reply: str
    roster_version: int = 0
    roster_wanted: bool = False
    silent_ticks: int = 0
    berths: dict[int, Berth] = field(default_factory=dict)  # by session
    waiting: set[int] = field(default_factory=set)  # sessions without a ship
    unseen: set[int] = field(default_factory=set)  # sessions whose roster entry does not show their berth yet


class Inbox:
    """The tick's view of all gateways; pure: batches in, changes and answers out."""

    def __init__(self, epoch: int) -> None:
        """Take the epoch of this tick process; inputs for other epochs are dropped."""
        self._epoch = epoch
        self._gateways: dict[str, _Gateway] = {}
        self._indices = 0
        self._departures: list[int] = []
        self._owner = np.full(MAX_ID + 1, _NOBODY, dtype=np.int32)
        self._dirty = np.zeros(MAX_ID + 1, dtype=np.bool_)
        self._heading = np.zeros(MAX_ID + 1, dtype=np.uint8)
        self._thrusting = np.zeros(MAX_ID + 1, dtype=np.bool_)
        self._sequence = np.zeros(MAX_ID + 1, dtype=np.uint8)

    def receive(self, batch: Batch) -> None:
        """Take in one batch of one gateway."""
        gateway = self._known(batch)
        gateway.silent_ticks = 0
        gateway.reply = batch.reply
        if batch.roster is not None:
            self._reconcile(gateway, batch.roster)
            gateway.roster_version = batch.roster_version
            gateway.roster_wanted = False
        elif batch.roster_version != gateway.roster_version:
            gateway.roster_wanted = True
        if batch.epoch == self._epoch and batch.steers:
            self._steer(gateway, batch.steers)

    def drain(self) -> Changes:
        """Return the changes since the last drain and forget them; counts one tick of silence for every gateway."""
        self._expire()
        departures, self._departures = self._departures, []
        ids = np.flatnonzero(self._dirty)
        self._dirty[ids] = False
        inputs = Inputs(ids, self._heading[ids], self._thrusting[ids], self._sequence[ids])
        return Changes(departures, self._newcomers(), inputs)

    def seat(self, newcomers: list[Newcomer], berths: list[Berth]) -> None:
        """Record the berths of the first newcomers; the rest found the world full."""
        for newcomer, berth in zip(newcomers, berths, strict=False):
            gateway = self._gateways[newcomer.gateway]
            gateway.berths[newcomer.session] = berth
            self._owner[berth.ship] = gateway.index
        for newcomer in newcomers:
            gateway = self._gateways[newcomer.gateway]
            gateway.waiting.discard(newcomer.session)
            gateway.unseen.add(newcomer.session)
        for newcomer in newcomers[len(berths) :]:
            self._gateways[newcomer.gateway].berths[newcomer.session] = Berth(NO_SHIP, 0)

    def answers(self, tick: int) -> list[tuple[str, Answer]]:
        """Return (reply channel, answer) for each gateway that must be told something."""
        told: list[tuple[str, Answer]] = []
        for gateway in self._gateways.values():
            if gateway.unseen or gateway.roster_wanted:
                berths = [self._said(gateway, session) for session in gateway.unseen]
                told.append((gateway.reply, Answer(uplink.FORMAT, self._epoch, tick, berths, gateway.roster_wanted)))
                gateway.unseen = set()  # said; the next roster brings back what was not heard
        return told

    def _known(self, batch: Batch) -> _Gateway:
        gateway = self._gateways.get(batch.gateway)
        if gateway is None:
            self._indices += 1
            gateway = self._gateways[batch.gateway] = _Gateway(self._indices, batch.reply)
        return gateway

    def _reconcile(self, gateway: _Gateway, roster: list[Entry]) -> None:
        present = {entry.session for entry in roster}
        for session in [session for session in gateway.berths if session not in present]:
            self._leave(gateway, session)
        gateway.waiting = present - gateway.berths.keys()
        gateway.unseen = {
            entry.session
            for entry in roster
            if (berth := gateway.berths.get(entry.session)) is not None
            and (berth.ship != entry.ship or berth.ship == NO_SHIP)  # of a full world a session hears until it goes
        }

    def _leave(self, gateway: _Gateway, session: int) -> None:
        ship = gateway.berths.pop(session).ship
        if ship != NO_SHIP:
            self._departures.append(ship)
            self._owner[ship] = _NOBODY
            self._dirty[ship] = False

    def _steer(self, gateway: _Gateway, steers: bytes) -> None:
        rows = np.frombuffer(steers, dtype=uplink.STEER)
        rows = rows[self._owner[rows["ship"]] == gateway.index]
        ships = rows["ship"]
        # Of rows for the same ship the last one stays, as numpy assigns repeated indices in order.
        self._heading[ships] = rows["heading"]
        self._thrusting[ships] = rows["thrusting"] != 0
        self._sequence[ships] = rows["sequence"]
        self._dirty[ships] = True

    def _expire(self) -> None:
        for name, gateway in list(self._gateways.items()):
            gateway.silent_ticks += 1
            if gateway.silent_ticks > SILENCE_TICKS:
                for session in list(gateway.berths):
                    self._leave(gateway, session)
                del self._gateways[name]

    def _newcomers(self) -> list[Newcomer]:
        return [
            Newcomer(name, session) for name, gateway in self._gateways.items() for session in sorted(gateway.waiting)
        ]

    @staticmethod
    def _said(gateway: _Gateway, session: int) -> uplink.Berth:
        berth = gateway.berths[session]
        return uplink.Berth(session, berth.ship, berth.arena)
