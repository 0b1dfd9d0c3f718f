"""What the gateways said since the last tick: who came, who left, and the newest input of each ship. Pure."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from app.sim.rules import MAX_ID
from app.sim.world import Inputs
from app.tick.players import NOBODY, Newcomer, Players
from app.wire import formats, uplink
from app.wire.uplink import Answer, Batch

SILENCE_TICKS: Final = 60  # 3 s without a batch before a gateway is gone; ticks, so that a process that slept forgives


@dataclass(frozen=True, slots=True)
class Changes:
    """All that the world must take in before its next step."""

    departures: list[int]
    coasting: list[int]
    newcomers: list[Newcomer]
    inputs: Inputs


@dataclass(slots=True)
class _Gateway:
    reply: str
    reads: int
    roster: bytes | None = None  # as it was reconciled last
    roster_version: int = 0
    roster_wanted: bool = True  # until it has said a roster as one that hears this epoch, with what it saw before
    silent_ticks: int = 0
    seen: list[bytes] = field(default_factory=list)  # the snapshots that it announced last


class Inbox:
    """The tick's view of all gateways: batches in, changes and answers out."""

    def __init__(self, players: Players, epoch: int = 0) -> None:
        """Take the players to reconcile with, and the epoch of this tick process; inputs for others are dropped."""
        self.epoch = epoch
        self.heard_epoch = 0  # the newest that any gateway named
        self._players = players
        self._gateways: dict[str, _Gateway] = {}
        self._dirty = np.zeros(MAX_ID + 1, dtype=np.bool_)
        self._heading = np.zeros(MAX_ID + 1, dtype=np.uint8)
        self._thrusting = np.zeros(MAX_ID + 1, dtype=np.bool_)
        self._sequence = np.zeros(MAX_ID + 1, dtype=np.uint8)

    @property
    def gateways(self) -> list[str]:
        """The names of all gateways that are not silent."""
        return list(self._gateways)

    @property
    def inhabited(self) -> list[str]:
        """The names of the gateways that have sessions."""
        return [name for name, gateway in self._gateways.items() if gateway.roster]

    @property
    def version(self) -> int:
        """The newest format that every gateway reads."""
        return formats.common(min((gateway.reads for gateway in self._gateways.values()), default=formats.FORMAT))

    def announced(self, name: str) -> bool:
        """Tell whether a gateway has said its roster, and what it saw, since it heard of this epoch."""
        gateway = self._gateways.get(name)
        return gateway is not None and not gateway.roster_wanted

    def seen(self) -> list[bytes]:
        """Return the snapshots that gateways announced."""
        return [shot for gateway in self._gateways.values() for shot in gateway.seen]

    def forget_seen(self) -> None:
        """Forget these snapshots: whoever needed them has a ship."""
        for gateway in self._gateways.values():
            gateway.seen = []

    def receive(self, batch: Batch, tick: int) -> None:
        """Take in one batch of one gateway."""
        gateway = self._known(batch)
        gateway.silent_ticks = 0
        self.heard_epoch = max(self.heard_epoch, batch.epoch)
        if batch.roster is not None and batch.roster_version < gateway.roster_version:
            return  # overtaken by a newer one: who left must not come back
        gateway.reply, gateway.reads = batch.reply, batch.reads
        if batch.seen:
            gateway.seen = batch.seen
        if batch.roster is not None:
            self._reconcile(batch.gateway, gateway, batch.roster, tick)
            gateway.roster_version = batch.roster_version
            gateway.roster_wanted = gateway.roster_wanted and batch.epoch != self.epoch
        elif not batch.roster_version or batch.roster_version != gateway.roster_version:
            gateway.roster_wanted = True  # a greeting has no version, and waits for an answer whatever is known
        if batch.epoch == self.epoch and batch.steers:
            self._steer(batch)

    def note(self, batch: Batch) -> None:
        """Note who spoke, and no more: this process only listens."""
        gateway = self._known(batch)
        gateway.silent_ticks = 0
        gateway.reply, gateway.reads = batch.reply, batch.reads
        self.heard_epoch = max(self.heard_epoch, batch.epoch)

    def introduce(self, directory: "Inbox") -> None:
        """Know the gateways of `directory`, and ask each for its roster and what it saw."""
        self.heard_epoch = max(self.heard_epoch, directory.heard_epoch)
        self._gateways |= directory.strangers()

    def strangers(self) -> dict[str, _Gateway]:
        """Return the gateways, by name, as if they had not said anything yet."""
        return {name: _Gateway(gateway.reply, gateway.reads) for name, gateway in self._gateways.items()}

    def listen(self, *, deaf: bool) -> None:
        """Count one tick of silence for every gateway; while this process is itself deaf, nobody is silent."""
        for name, gateway in list(self._gateways.items()):
            gateway.silent_ticks = 0 if deaf else gateway.silent_ticks + 1
            if gateway.silent_ticks > SILENCE_TICKS:
                del self._gateways[name]

    def drain(self, tick: int) -> Changes:
        """Return the changes since the last drain and forget them."""
        self._players.keep_only(self._gateways.keys(), tick)
        ids = np.flatnonzero(self._dirty)
        self._dirty[ids] = False
        inputs = Inputs(ids, self._heading[ids], self._thrusting[ids], self._sequence[ids])
        departures = self._players.departures(tick)
        return Changes(departures, self._players.coasting(), self._players.newcomers(), inputs)

    def answers(self, tick: int) -> list[tuple[str, Answer]]:
        """Return (reply channel, answer) for each gateway that must be told something."""
        told: list[tuple[str, Answer]] = []
        for name, gateway in self._gateways.items():
            berths = self._players.verdicts(name)
            if berths or gateway.roster_wanted:
                version = formats.common(gateway.reads)
                told.append((gateway.reply, Answer(version, self.epoch, tick, berths, gateway.roster_wanted)))
        return told

    def _known(self, batch: Batch) -> _Gateway:
        return self._gateways.setdefault(batch.gateway, _Gateway(batch.reply, batch.reads))

    def _reconcile(self, name: str, gateway: _Gateway, roster: bytes, tick: int) -> None:
        """Look at the roster, unless it says what the last one said and that was all as it should be."""
        if roster != gateway.roster or self._players.unsettled(name):
            self._players.reconcile(name, uplink.entries(roster), tick)
        gateway.roster = roster

    def _steer(self, batch: Batch) -> None:
        rows = np.frombuffer(batch.steers, dtype=uplink.STEER)
        owner = self._players.owner_of(batch.gateway)
        rows = rows[(self._players.owner[rows["ship"]] == owner) & (owner != NOBODY)]
        ships = rows["ship"]
        # Of rows for the same ship the last one stays, as numpy assigns repeated indices in order.
        self._heading[ships] = rows["heading"]
        self._thrusting[ships] = rows["thrusting"] != 0
        self._sequence[ships] = rows["sequence"]
        self._dirty[ships] = True
