"""The players of a scenario, observed together. Some are witnesses, which decode every frame."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from typing import Final

from loadtest.load.group import Group
from loadtest.load.watched_player import CoastingHand, WatchedPlayer
from loadtest.load.witness import Witness
from loadtest.measure.durations import Durations
from loadtest.measure.observation import Jumps, Observation, spread
from loadtest.players.door import Door
from loadtest.players.hands import Hand

LIVE_S: Final = 1.0  # a player without a frame for this long is not live
COASTING_WITNESSES: Final = 5
STEERING_WITNESSES: Final = 5


class Crowd:
    """Players of flotilla.v1 in one process. `mark` begins a phase, `note` a wait for each player's next frame."""

    def __init__(self, door: Door, seed: int) -> None:
        self.lag = Durations()
        self.group = Group[WatchedPlayer](door, "v1", None, seed)
        self._witnesses: list[Witness] = []
        self._gaps = Durations()
        self._since = time.monotonic()

    async def join(self, players: int, per_second: float) -> None:
        """Add players at an even rate."""
        for _ in range(players):
            self._add()
            await asyncio.sleep(1 / per_second)

    def mark(self) -> None:
        self._since = time.monotonic()
        self._gaps.clear()
        self.lag.clear()
        for log in self._logs:
            log.mark()
        for witness in self._witnesses:
            witness.jumps = Jumps()
        self.note()

    def note(self) -> None:
        now = time.monotonic()
        for log in self._logs:
            log.noted_at = now

    def storm(self) -> None:
        """Close all sockets; all players reconnect at once."""
        for player, _ in self.group.players:
            player.drop(hint_ms=0)

    def leave(self) -> None:
        self.group.leave()

    async def churn(self, per_second: float, seconds: float) -> None:
        """Replace ordinary players at an even rate."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.group.drop_one(lambda log: log.witness is None)
            self._add()
            await asyncio.sleep(1 / per_second)

    def live(self) -> int:
        recent = time.monotonic() - LIVE_S
        return sum(log.last_frame > recent for log in self._logs)

    def resumed(self) -> int:
        """Return how many players got a frame since `note`."""
        return sum(log.resumed_at > log.noted_at for log in self._logs)

    def renewed(self) -> int:
        """Return how many players got a new epoch since `mark`."""
        return sum(bool(log.epochs) for log in self._logs)

    def observation(self) -> Observation:
        """Return the figures since `mark`."""
        now, logs, players = time.monotonic(), self._logs, [player for player, _ in self.group.players]
        flown = [log for log in logs if log.last_frame]
        resumed = [log.resumed_at - log.noted_at for log in flown if log.resumed_at > log.noted_at]
        ships = Counter(log.ship for log in logs if log.ship)
        return Observation(
            seconds=now - self._since,
            players=len(logs),
            live=self.live(),
            freeze=spread([max(log.longest_gap, now - log.last_frame) for log in flown]),
            resumed=spread(resumed),
            gap_p99_ms=self._gaps.spread().p99_ms,
            frames=sum(log.frames for log in logs),
            closes=_counts(code for log in logs for code in log.closes),
            refusals=_counts(status for log in logs for status in log.refusals),
            refused_because=dict(sum((log.refused_because for log in logs), Counter())),
            reconnects=sum(log.reconnects for log in logs),
            reconnects_max=max((log.reconnects for log in logs), default=0),
            closed_twice_by=sum(max(log.closed_by.values(), default=0) > 1 for log in logs),
            epochs=sorted({epoch for log in logs for epoch in log.epochs}),
            older_epochs=sum(log.older_epochs for log in logs),
            ticks_back=sum(log.ticks_back for log in logs),
            misfits=sum(log.misfits for log in logs),
            ships_lost=sum(log.ships_lost for log in logs),
            ships_shared=sum(count for count in ships.values() if count > 1),
            stayed_away=sum(player.stays_away for player in players),
            paused=sum(log.was_paused for log in logs),
            ships_missing=sum(witness.missing for witness in self._witnesses),
            jumps=Jumps(
                [jump for witness in self._witnesses for jump in witness.jumps.coasting],
                [jump for witness in self._witnesses for jump in witness.jumps.steering],
                [jump for witness in self._witnesses for jump in witness.jumps.beyond],
            ),
            lag_p99_ms=self.lag.spread().p99_ms,
        )

    @property
    def _logs(self) -> list[WatchedPlayer]:
        return [log for _, log in self.group.players]

    def _add(self) -> None:
        number = len(self._witnesses)
        witness = None
        if number < COASTING_WITNESSES + STEERING_WITNESSES:
            witness = Witness(coasts=number < COASTING_WITNESSES)
            self._witnesses.append(witness)
        hand = CoastingHand if witness is not None and witness.coasts else Hand
        self.group.add(0, WatchedPlayer(self._gaps, witness), hand)


def _counts(values: Iterable[int]) -> dict[str, int]:
    return {str(value): count for value, count in sorted(Counter(values).items())}
