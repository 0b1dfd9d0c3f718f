"""All players of one process, the timers that they share, and what is told of them every moment and at the end."""

import asyncio
import gc
import time
from collections.abc import Callable
from random import Random
from typing import Final

from loadtest.load import crew_messages
from loadtest.load.crew_messages import Assignment
from loadtest.measure.ages import WINDOW_S
from loadtest.measure.player_log import Journal
from loadtest.measure.samples import SAMPLE, Desk, TutorialSample, V1Sample
from loadtest.measure.totals import LAG_PERIOD_S, Ledger
from loadtest.players.hands import Hand, per_second, turn_s
from loadtest.players.player import Player
from loadtest.players.tutorial import TutorialPlayer
from loadtest.players.v1 import V1Player

SLICES: Final = 10  # of the players, so that not all of them steer in one go
BEHIND_S: Final = 0.5  # a steering loop that is later than this lets turns go rather than make up for all

KINDS: Final[dict[str, tuple[type[Player], type[V1Sample | TutorialSample]]]] = {
    "v1": (V1Player, V1Sample),
    "json": (TutorialPlayer, TutorialSample),
}


class Crew:
    """Players who come when they are due, whatever became of those before them."""

    def __init__(self, assignment: Assignment, tell: Callable[[crew_messages.Moment], None]) -> None:
        """Take what to do, and where each moment is told; nothing runs yet."""
        self._assignment = assignment
        self._tell = tell
        self._random = Random(assignment.seed)  # noqa: S311  # people are not secret
        self._per_s = per_second(assignment.inputs)
        self._kind, self._sample = KINDS[assignment.protocol]
        self._ledger = Ledger()
        self._desk = Desk()
        self._players: list[tuple[Player, Journal]] = []  # who are there, or try to be
        self._journals: list[Journal] = []  # of all who ever came
        self._lives: set[asyncio.Task[None]] = set()
        self._broken: BaseException | None = None  # a bug of ours: better no figures than those of the others
        self._begun_at = self._told_at = 0.0
        self._moments = 0
        self._cpu_s = self._cpu_before = self._cpu_max = 0.0

    async def play(self, begins: float, stopped: asyncio.Event) -> crew_messages.Final:
        """Play from that moment of time.monotonic to the end, or until stopped; return what was seen."""
        self._begun_at = self._told_at = begins
        await asyncio.sleep(max(0.0, begins - time.monotonic()))
        self._cpu_s = self._cpu_before = time.process_time()
        async with asyncio.TaskGroup() as group:
            loops = (self._arrive(), self._depart(), self._steer(), self._watch_lag(), self._desk.work())
            tasks = [group.create_task(loop) for loop in loops]
            await self._tell_moments(stopped)
            for task in tasks:
                task.cancel()
        return self._finished()

    async def leave(self) -> None:
        """Let all go."""
        for player, _ in self._players:
            player.leave(kindly=True)
        for life in self._lives:
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)

    async def _arrive(self) -> None:
        late = self._ledger.whole["arrivals_late"]
        for number, due_s in self._assignment.arrivals:
            due = self._begun_at + due_s
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            late.add(max(0.0, time.monotonic() - due))
            self._add(number, due)

    def _add(self, number: int, due: float) -> None:
        sample = self._sample(self._ledger, time.monotonic) if number < SAMPLE else None
        journal = Journal(number, due, self._ledger, time.monotonic, sample, self._desk)
        random = Random(self._random.random())  # noqa: S311  # as above
        player = self._kind(self._assignment.door, number, Hand(random, self._per_s), journal, random)
        if sample is not None:
            sample.resync = player.resync
        self._journals.append(journal)
        self._players.append((player, journal))
        life = asyncio.create_task(player.live())
        self._lives.add(life)
        life.add_done_callback(self._ended)

    def _ended(self, life: asyncio.Task[None]) -> None:
        self._lives.discard(life)
        if not life.cancelled() and life.exception() is not None:
            self._broken = life.exception()

    async def _depart(self) -> None:
        for due_s in self._assignment.departures:
            await asyncio.sleep(max(0.0, self._begun_at + due_s - time.monotonic()))
            ordinary = [one for one in self._players if one[1].number >= SAMPLE] or self._players
            if ordinary:
                one = self._random.choice(ordinary)
                self._players.remove(one)
                player, journal = one
                journal.end(time.monotonic())
                player.leave(kindly=self._random.random() < 0.5)  # noqa: PLR2004  # half

    async def _steer(self) -> None:
        period = turn_s(self._per_s) / SLICES
        turn, due = 0, time.monotonic()
        while True:
            for player, _ in self._players[turn::SLICES]:
                player.steer()
            turn = (turn + 1) % SLICES
            due = max(due + period, time.monotonic() - BEHIND_S)
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _watch_lag(self) -> None:
        while True:
            due = time.monotonic() + LAG_PERIOD_S
            await asyncio.sleep(LAG_PERIOD_S)
            self._ledger.lag.append(max(0.0, time.monotonic() - due))

    async def _tell_moments(self, stopped: asyncio.Event) -> None:
        window_ends = self._begun_at + WINDOW_S
        while self._moments * self._assignment.moment_s < self._assignment.seconds and not stopped.is_set():
            ends = self._begun_at + min(self._assignment.seconds, (self._moments + 1) * self._assignment.moment_s)
            try:
                await asyncio.wait_for(stopped.wait(), max(0.0, ends - time.monotonic()))
            except TimeoutError:
                self._tell_moment()
            if self._broken is not None:
                raise self._broken
            if time.monotonic() > window_ends:
                window_ends += WINDOW_S
                self._ledger.close_window()

    def _tell_moment(self) -> None:
        now, ledger = time.monotonic(), self._ledger
        for _, journal in self._players:
            journal.look(now)
        cpu_s = time.process_time()
        cpu = (cpu_s - self._cpu_before) / max(1e-9, now - self._told_at)
        self._told_at = now
        self._cpu_before, self._cpu_max = cpu_s, max(self._cpu_max, cpu)
        counts = (ledger.failures, ledger.closes_now, ledger.reconnects_now)
        frames = ledger.frames
        gaps, lag = ledger.turn()
        opened = sum(player.connected for player, _ in self._players)
        told = (self._moments, opened, len(self._journals), frames, gaps.encode(), lag.encode())
        self._tell(crew_messages.Moment(*told, *counts, cpu))
        self._moments += 1
        gc.collect(0)  # the collector is off, and sockets that went leave rings; the youngest generation is small

    def _finished(self) -> crew_messages.Final:
        now, ledger = time.monotonic(), self._ledger
        for _, journal in self._players:
            journal.end(now)
        ledger.turn()
        ledger.close_window()
        seconds = now - self._begun_at
        failed = sum(journal.failed for journal in self._journals)
        return crew_messages.Final(
            seconds=seconds,
            players=[journal.row(self._begun_at) for journal in self._journals],
            joins=sum(journal.joined or journal.failed for journal in self._journals),
            joins_failed=failed,
            histograms={name: found.encode() for name, found in ledger.whole.items()},
            bytes_sent=ledger.bytes_sent,
            closes=dict(ledger.closes),
            refusals=dict(ledger.refusals),
            errors=dict(ledger.errors),
            decode_errors=ledger.decode_errors,
            cpu_s=time.process_time() - self._cpu_s,
            cpu_max=self._cpu_max,
            dropped=sum(due_s <= seconds for _, due_s in self._assignment.arrivals) - len(self._journals),
        )
