"""What the gateways sent since the last tick: rosters and the newest input of each ship. Pure."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from app.sim.rules import MAX_ID
from app.sim.world import Inputs
from app.tick.players import NO_OWNER, Newcomer, Players
from app.wire import formats, uplink
from app.wire.uplink import Answer, Batch

# Ticks without a batch (3 s) after which a gateway counts as gone. Ticks, not seconds: if this process was stopped, the
# time in which it could not receive does not count.
SILENCE_TICKS: Final = 60


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that the world must apply before its next step."""

    departures: list[int]
    coasting: list[int]
    newcomers: list[Newcomer]
    inputs: Inputs


@dataclass(slots=True)
class _Gateway:
    reply: str
    reads: int
    roster: bytes | None = None  # the last one that was reconciled
    roster_version: int = 0
    roster_wanted: bool = True  # until it sent a roster in this epoch, together with the snapshots that it saw before
    silent_ticks: int = 0
    seen: list[bytes] = field(default_factory=list)  # the snapshots in its last batch that had any


class Inbox:
    """The state of all gateways: batches in, changes and answers out."""

    def __init__(self, players: Players, epoch: int = 0) -> None:
        """Reconcile rosters with `players`; inputs for another epoch than `epoch` are dropped."""
        self.epoch = epoch
        self.newest_epoch = 0  # of all that gateways named
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
    def gateways_with_sessions(self) -> list[str]:
        return [name for name, gateway in self._gateways.items() if gateway.roster]

    @property
    def version(self) -> int:
        """The newest format that every gateway reads."""
        return formats.common(min((gateway.reads for gateway in self._gateways.values()), default=formats.FORMAT))

    def has_roster(self, name: str) -> bool:
        """Return True if a gateway sent its roster, and the snapshots that it saw, in this epoch."""
        gateway = self._gateways.get(name)
        return gateway is not None and not gateway.roster_wanted

    def seen(self) -> list[bytes]:
        """Return the snapshots that gateways sent."""
        return [shot for gateway in self._gateways.values() for shot in gateway.seen]

    def forget_seen(self) -> None:
        """Free these snapshots: every session that needed them has a ship."""
        for gateway in self._gateways.values():
            gateway.seen = []

    def receive(self, batch: Batch, tick: int) -> None:
        """Apply one batch of one gateway."""
        gateway = self._heard_from(batch)
        if batch.roster is not None and batch.roster_version < gateway.roster_version:
            return  # a newer one arrived first: a session that ended must not come back
        gateway.reply, gateway.reads = batch.reply, batch.reads
        if batch.seen:
            gateway.seen = batch.seen
        if batch.roster is not None:
            self._reconcile(batch.gateway, gateway, batch.roster, tick)
            gateway.roster_version = batch.roster_version
            gateway.roster_wanted = gateway.roster_wanted and batch.epoch != self.epoch
        elif not batch.roster_version or batch.roster_version != gateway.roster_version:
            gateway.roster_wanted = True  # a greeting has version 0 and always gets an answer
        if batch.epoch == self.epoch and batch.steers:
            self._steer(batch)

    def register(self, batch: Batch) -> None:
        """Note which gateway sent the batch, and ignore the rest: this process does not lead."""
        gateway = self._heard_from(batch)
        gateway.reply, gateway.reads = batch.reply, batch.reads

    def add_gateways(self, directory: "Inbox") -> None:
        """Add the gateways of `directory`, and request from each its roster and what it saw."""
        self.newest_epoch = max(self.newest_epoch, directory.newest_epoch)
        self._gateways |= directory.without_rosters()

    def without_rosters(self) -> dict[str, _Gateway]:
        """Return the gateways, by name, as if they had sent no roster yet."""
        return {name: _Gateway(gateway.reply, gateway.reads) for name, gateway in self._gateways.items()}

    def count_silence(self, *, disconnected: bool) -> None:
        """Count one tick of silence for every gateway, or none while this process itself receives nothing."""
        for name, gateway in list(self._gateways.items()):
            gateway.silent_ticks = 0 if disconnected else gateway.silent_ticks + 1
            if gateway.silent_ticks > SILENCE_TICKS:
                del self._gateways[name]

    def drain(self, tick: int) -> Changes:
        """Return the changes since the last drain and forget them."""
        self._players.remove_other_gateways(self._gateways.keys(), tick)
        ids = np.flatnonzero(self._dirty)
        self._dirty[ids] = False
        inputs = Inputs(ids, self._heading[ids], self._thrusting[ids], self._sequence[ids])
        departures = self._players.departures(tick)
        return Changes(departures, self._players.coasting(), self._players.newcomers(), inputs)

    def answers(self, tick: int) -> list[tuple[str, Answer]]:
        """Return (reply channel, answer) for each gateway with a new verdict or whose roster is wanted."""
        answers: list[tuple[str, Answer]] = []
        for name, gateway in self._gateways.items():
            berths = self._players.verdicts(name)
            if berths or gateway.roster_wanted:
                version = formats.common(gateway.reads)
                answers.append((gateway.reply, Answer(version, self.epoch, tick, berths, gateway.roster_wanted)))
        return answers

    def _heard_from(self, batch: Batch) -> _Gateway:
        gateway = self._gateways.setdefault(batch.gateway, _Gateway(batch.reply, batch.reads))
        gateway.silent_ticks = 0
        self.newest_epoch = max(self.newest_epoch, batch.epoch)
        return gateway

    def _reconcile(self, name: str, gateway: _Gateway, roster: bytes, tick: int) -> None:
        """Reconcile a roster, unless it equals the last one and the players are settled."""
        if roster != gateway.roster or self._players.unsettled(name):
            self._players.reconcile(name, uplink.entries(roster), tick)
        gateway.roster = roster

    def _steer(self, batch: Batch) -> None:
        rows = np.frombuffer(batch.steers, dtype=uplink.STEER)
        owner = self._players.owner_of(batch.gateway)
        rows = rows[(self._players.owner[rows["ship"]] == owner) & (owner != NO_OWNER)]
        ships = rows["ship"]
        # Of several rows for one ship the last one stays, since numpy assigns repeated indices in order.
        self._heading[ships] = rows["heading"]
        self._thrusting[ships] = rows["thrusting"] != 0
        self._sequence[ships] = rows["sequence"]
        self._dirty[ships] = True
