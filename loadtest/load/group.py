"""The players of one process, and the two timers that they share: steering, and the lag of the event loop."""

import asyncio
import time
from collections.abc import Callable
from random import Random
from typing import Final, Generic, TypeVar

from loadtest.players.door import Door
from loadtest.players.hands import Hand, turn_s
from loadtest.players.observer import Observer
from loadtest.players.player import Player
from loadtest.players.tutorial import TutorialPlayer
from loadtest.players.v1 import V1Player

SLICES: Final = 10  # of the players, so that they do not all steer in one go
BEHIND_S: Final = 0.5  # a steering loop that is later than this skips turns

KINDS: Final[dict[str, type[Player]]] = {"v1": V1Player, "json": TutorialPlayer}

Log = TypeVar("Log", bound=Observer)


class Group(Generic[Log]):
    """Players with the log of each."""

    def __init__(self, door: Door, protocol: str, per_s: float | None, seed: int) -> None:
        """`per_s`: inputs a second of every player; None: players steer like people."""
        self.players: list[tuple[Player, Log]] = []  # connected, or trying to be
        self.random = Random(seed)  # noqa: S311  # nothing here is secret
        self._door = door
        self._kind = KINDS[protocol]
        self._per_s = per_s
        self._lives: set[asyncio.Task[None]] = set()
        self._bug: BaseException | None = None

    def add(self, number: int, log: Log, hand: Callable[[Random, float | None], Hand] = Hand) -> Player:
        """Start a player, which connects at once."""
        random = Random(self.random.random())  # noqa: S311  # as above
        player = self._kind(self._door, number, hand(random, self._per_s), log, random)
        self.players.append((player, log))
        life = asyncio.create_task(player.live())
        self._lives.add(life)
        life.add_done_callback(self._ended)
        return player

    def drop_one(self, ordinary: Callable[[Log], bool]) -> Log | None:
        """Let a random player leave, half of the time without a close frame; one that is `ordinary` if there is any."""
        among = [one for one in self.players if ordinary(one[1])] or self.players
        if not among:
            return None
        one = self.random.choice(among)
        self.players.remove(one)
        player, log = one
        player.leave(kindly=self.random.random() < 0.5)  # noqa: PLR2004  # half
        return log

    def leave(self) -> None:
        for player, _ in self.players:
            player.leave(kindly=True)
        self.players.clear()

    async def end(self) -> None:
        """Let all players leave and end their tasks."""
        self.leave()
        for life in self._lives:
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)

    def raise_bug(self) -> None:
        """Raise the exception that ended a player: without that player the figures would be wrong."""
        if self._bug is not None:
            raise self._bug

    async def steer(self) -> None:
        """Give every player its turns until cancelled."""
        period = turn_s(self._per_s) / SLICES
        turn, due = 0, time.monotonic()
        while True:
            for player, _ in self.players[turn::SLICES]:
                player.steer()
            turn = (turn + 1) % SLICES
            due = max(due + period, time.monotonic() - BEHIND_S)
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def _ended(self, life: asyncio.Task[None]) -> None:
        self._lives.discard(life)
        if not life.cancelled() and life.exception() is not None:
            self._bug = life.exception()


async def watch_lag(period_s: float, add: Callable[[float], None]) -> None:
    """Measure every `period_s`, until cancelled, how late the event loop wakes; `add` takes seconds."""
    while True:
        due = time.monotonic() + period_s
        await asyncio.sleep(period_s)
        add(max(0.0, time.monotonic() - due))
