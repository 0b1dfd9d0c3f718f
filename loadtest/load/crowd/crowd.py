"""All players of one process, and the timers that they share."""

import asyncio
import time
from collections import Counter
from random import Random
from typing import Final

from loadtest.load.crowd.crowd_player import Player
from loadtest.load.crowd.crowd_record import Record
from loadtest.load.crowd.witness import Witness
from loadtest.measure.observation import Histogram, Jumps, Observation, spread
from loadtest.players.door import Door
from loadtest.players.people import TICK_S

SLICES: Final = 10  # of the players, so that not all of them steer in one go
LAG_PERIOD_S: Final = 0.01  # between looks at how late the loop is
LIVE_S: Final = 1.0  # a player without a frame for this long is not live
COASTING_WITNESSES: Final = 5
STEERING_WITNESSES: Final = 5


class Crowd:
    """Players who join, fly, and are looked at as a whole."""

    def __init__(self, door: Door, seed: int) -> None:
        """Take where they connect."""
        self._door = door
        self._random = Random(seed)  # noqa: S311  # people are not secret
        self._players: list[Player] = []
        self._witnesses: list[Witness] = []
        self._lives: set[asyncio.Task[None]] = set()
        self._gaps = Histogram()
        self._lag = Histogram()
        self._since = time.monotonic()

    async def join(self, players: int, per_second: float) -> None:
        """Let players come, evenly."""
        for _ in range(players):
            self.add()
            await asyncio.sleep(1 / per_second)

    def add(self) -> None:
        """Let one player come; the first ones are witnesses."""
        number = len(self._witnesses)
        witness = None
        if number < COASTING_WITNESSES + STEERING_WITNESSES:
            witness = Witness(coasts=number < COASTING_WITNESSES)
            self._witnesses.append(witness)
        player = Player(self._door, self._gaps, Random(self._random.random()), witness)  # noqa: S311  # as above
        self._players.append(player)
        life = asyncio.create_task(player.client.live())
        self._lives.add(life)
        life.add_done_callback(self._lives.discard)

    def mark(self) -> None:
        """Begin a phase: forget what was noted."""
        self._since = time.monotonic()
        self._gaps.clear()
        self._lag = Histogram()
        for player in self._players:
            player.record = Record()
            player.epochs.clear()
        for witness in self._witnesses:
            witness.jumps, witness.lost_step = Jumps(), 0
        self.note()

    def note(self) -> None:
        """Remember this moment: from here on each player's next frame is waited for."""
        now = time.monotonic()
        for player in self._players:
            player.noted_at = now

    def storm(self) -> None:
        """Let all lose their sockets and come back in one moment."""
        for player in self._players:
            player.client.drop(hint_ms=0)

    def leave(self) -> None:
        """Let all go for ever."""
        for player in self._players:
            player.client.leave(kindly=True)
        self._players.clear()

    async def churn(self, per_second: float, seconds: float) -> None:
        """Let players come and go for a while, half of them with a word and half without."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            ordinary = [player for player in self._players if player.witness is None]
            player = self._random.choice(ordinary)
            self._players.remove(player)
            player.client.leave(kindly=self._random.random() < 0.5)  # noqa: PLR2004  # half
            self.add()
            await asyncio.sleep(1 / per_second)

    async def steer_for_ever(self) -> None:
        """Let every player do what it does, once a tick."""
        turn, due = 0, time.monotonic()
        while True:
            for player in self._players[turn::SLICES]:
                player.client.steer()
            turn = (turn + 1) % SLICES
            due = max(due + TICK_S / SLICES, time.monotonic() - TICK_S)
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def watch_lag_for_ever(self) -> None:
        """Note how late this process itself is."""
        while True:
            due = time.monotonic() + LAG_PERIOD_S
            await asyncio.sleep(LAG_PERIOD_S)
            self._lag.add(max(0.0, time.monotonic() - due))

    def live(self) -> int:
        """Return how many players see the world move."""
        recent = time.monotonic() - LIVE_S
        return sum(player.last_frame > recent for player in self._players)

    def resumed(self) -> int:
        """Return how many players have got a frame since `note`."""
        return sum(player.resumed_at > player.noted_at for player in self._players)

    def renewed(self) -> int:
        """Return how many players have seen a new epoch since `mark`."""
        return sum(bool(player.epochs) for player in self._players)

    def observation(self) -> Observation:
        """Return what was seen since `mark`."""
        now = time.monotonic()
        players, records = self._players, [player.record for player in self._players]
        flown = [player for player in players if player.last_frame]
        ships = Counter(player.client.ship for player in players if player.client.ship)
        resumed = [player.resumed_at - player.noted_at for player in flown if player.resumed_at > player.noted_at]
        return Observation(
            seconds=now - self._since,
            players=len(players),
            live=self.live(),
            freeze=spread([max(player.record.longest_gap, now - player.last_frame) for player in flown]),
            resumed=spread(resumed),
            unresumed=len(players) - len(resumed),
            gap_p50_ms=self._gaps.quantile_ms(0.5),
            gap_p99_ms=self._gaps.quantile_ms(0.99),
            frames=sum(record.frames for record in records),
            closes=_counts([code for record in records for code in record.closes]),
            refusals=_counts([status for record in records for status in record.refusals]),
            refused_because=dict(sum((record.refused_because for record in records), Counter())),
            reconnects=sum(record.reconnects for record in records),
            reconnects_max=max((record.reconnects for record in records), default=0),
            closed_twice_by=sum(max(record.closed_by.values(), default=0) > 1 for record in records),
            gateways=dict(Counter(player.gateway for player in players if player.client.connected)),
            epochs=sorted({epoch for player in players for epoch in player.epochs}),
            older_epochs=sum(record.older_epochs for record in records),
            ticks_back=sum(record.ticks_back for record in records),
            misfits=sum(record.misfits for record in records),
            ships_lost=sum(record.ships_lost for record in records),
            ships_shared=sum(count for count in ships.values() if count > 1),
            stayed_away=sum(player.client.stays_away for player in players),
            paused=sum(record.paused for record in records),
            witnesses=len(self._witnesses),
            ships_missing=sum(witness.missing for witness in self._witnesses),
            jumps=Jumps(
                [jump for witness in self._witnesses for jump in witness.jumps.coasting],
                [jump for witness in self._witnesses for jump in witness.jumps.steering],
                [jump for witness in self._witnesses for jump in witness.jumps.beyond],
            ),
            lag_p99_ms=self._lag.quantile_ms(0.99),
            lag_max_ms=self._lag.max_ms(),
        )


def _counts(values: list[int]) -> dict[str, int]:
    return {str(value): count for value, count in sorted(Counter(values).items())}
