"""The players of one process of a load test: they arrive on schedule, and their figures are reported every moment."""

import asyncio
import gc
import time
from collections.abc import Callable
from typing import Final

from loadtest.load import messages
from loadtest.load.group import Group, watch_lag
from loadtest.load.messages import CrewTask
from loadtest.measure.ages import WINDOW_S
from loadtest.measure.player_log import PlayerLog
from loadtest.measure.sampled_player import (
    SAMPLED,
    DecodeQueue,
    SampledPlayer,
    SampledTutorialPlayer,
    SampledV1Player,
)
from loadtest.measure.totals import LAG_PERIOD_S, Totals
from loadtest.players.hands import per_second

SAMPLED_KINDS: Final[dict[str, type[SampledPlayer]]] = {"v1": SampledV1Player, "json": SampledTutorialPlayer}


class Crew:
    """Players that arrive when they are due: an open model."""

    def __init__(self, task: CrewTask, send: Callable[[messages.Moment], None]) -> None:
        """Nothing runs yet; every moment goes to `send`."""
        self._task = task
        self._send = send
        self._group = Group[PlayerLog](task.door, task.protocol, per_second(task.inputs), task.seed)
        self._totals = Totals()
        self._queue = DecodeQueue()
        self._logs: list[PlayerLog] = []  # of all players that ever arrived
        self._begun_at = self._sent_at = 0.0
        self._moments = 0
        self._cpu_s = self._cpu_before = self._cpu_max = 0.0

    async def play(self, begins: float, stopped: asyncio.Event) -> messages.Final:
        """Play from that time of time.monotonic to the end, or until stopped; return the figures of the whole run."""
        self._begun_at = self._sent_at = begins
        await asyncio.sleep(max(0.0, begins - time.monotonic()))
        self._cpu_s = self._cpu_before = time.process_time()
        async with asyncio.TaskGroup() as tasks:
            lag = watch_lag(LAG_PERIOD_S, self._totals.lag.append)
            loops = (self._arrive(), self._depart(), self._group.steer(), lag, self._queue.run())
            running = [tasks.create_task(loop) for loop in loops]
            await self._send_moments(stopped)
            for task in running:
                task.cancel()
        return self._final()

    async def leave(self) -> None:
        await self._group.end()

    async def _arrive(self) -> None:
        late = self._totals.whole["arrivals_late"]
        for number, due_s in self._task.arrivals:
            due = self._begun_at + due_s
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            late.add(max(0.0, time.monotonic() - due))
            self._add(number, due)

    def _add(self, number: int, due: float) -> None:
        kind = SAMPLED_KINDS[self._task.protocol]
        sampled = kind(self._totals, time.monotonic) if number < SAMPLED else None
        log = PlayerLog(number, due, self._totals, time.monotonic, sampled, self._queue)
        player = self._group.add(number, log)
        if sampled is not None:
            sampled.resync = player.resync
        self._logs.append(log)

    async def _depart(self) -> None:
        for due_s in self._task.departures:
            await asyncio.sleep(max(0.0, self._begun_at + due_s - time.monotonic()))
            log = self._group.drop_one(lambda log: log.number >= SAMPLED)
            if log is not None:
                log.end(time.monotonic())

    async def _send_moments(self, stopped: asyncio.Event) -> None:
        window_ends = self._begun_at + WINDOW_S
        while self._moments * self._task.moment_s < self._task.seconds and not stopped.is_set():
            ends = self._begun_at + min(self._task.seconds, (self._moments + 1) * self._task.moment_s)
            try:
                await asyncio.wait_for(stopped.wait(), max(0.0, ends - time.monotonic()))
            except TimeoutError:
                self._send_moment()
            self._group.raise_bug()
            if time.monotonic() > window_ends:
                window_ends += WINDOW_S
                self._totals.close_window()

    def _send_moment(self) -> None:
        now, totals = time.monotonic(), self._totals
        for _, log in self._group.players:
            log.check(now)
        cpu_s = time.process_time()
        cpu = (cpu_s - self._cpu_before) / max(1e-9, now - self._sent_at)
        self._sent_at = now
        self._cpu_before, self._cpu_max = cpu_s, max(self._cpu_max, cpu)
        frames, counts = totals.frames, (totals.failures, totals.closes_now, totals.reconnects_now)
        gaps, lag = totals.next_moment()
        opened = sum(player.connected for player, _ in self._group.players)
        self._send(messages.Moment(self._moments, opened, frames, gaps.encode(), lag.encode(), *counts, cpu))
        self._moments += 1
        gc.collect(0)  # the collector is off, and closed sockets leave cycles; the youngest generation is small

    def _final(self) -> messages.Final:
        now, totals, logs = time.monotonic(), self._totals, self._logs
        for _, log in self._group.players:
            log.end(now)
        totals.next_moment()
        totals.close_window()
        seconds = now - self._begun_at
        return messages.Final(
            seconds=seconds,
            players=[log.row(self._begun_at) for log in logs],
            joins=sum(log.joined or log.failed for log in logs),
            joins_failed=sum(log.failed for log in logs),
            histograms={name: found.encode() for name, found in totals.whole.items()},
            bytes_received=sum(log.bytes for log in logs),
            bytes_sent=totals.bytes_sent,
            closes={str(code): count for code, count in totals.closes.items()},
            refusals={str(status): count for status, count in totals.refusals.items()},
            errors=dict(totals.errors),
            decode_errors=totals.decode_errors,
            cpu=(time.process_time() - self._cpu_s) / seconds if seconds else 0.0,
            cpu_max=self._cpu_max,
            dropped=sum(due_s <= seconds for _, due_s in self._task.arrivals) - len(logs),
        )
