"""The tick process beside others: it waits for the lease, puts the world together, moves it until the lease is lost.

Waiting costs next to nothing and is no failure. While it waits it listens, so that it knows the gateways. A world that
lost its lease and gets it back, with nobody between, goes on where it stood; otherwise the checkpoint and what the
gateways saw are newer. It begins a world anew only where no checkpoint is, or a damaged one: while there is one in a
format that it does not know, it leaves the lease to a release that does.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from app.observability import metrics
from app.runtime.tasks import end
from app.tick import capture, recovery
from app.tick.inbox import Inbox
from app.tick.incoming import batch_in
from app.tick.lease import RENEW_S, TTL_S, UNREACHABLE, Lease
from app.tick.loop import TickLoop
from app.tick.players import Players
from app.wire import checkpoint
from app.wire.checkpoint import Checkpoint
from app.wire.refusal import Refused

POLL_S: Final = 0.1  # between two attempts to get the lease
ANNOUNCE_S: Final = 1.0  # how long gateways have to say who is there, before new ids are given out
ASK_S: Final = 0.05  # between two times of asking them
CHECKPOINT_S: Final = 1.0  # between two checkpoints: what is lost when tick and all gateways go at once

logger = logging.getLogger(__name__)


class Leader:
    """One tick process."""

    def __init__(
        self,
        lease: Lease,
        make_loop: Callable[[Players, Inbox], TickLoop],
        *,
        grace_ticks: int,
        deaf: Callable[[], bool],
        beat: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take the lease to win, how to make a loop, and whether no gateway is heard here; `beat` notes progress."""
        self._lease = lease
        self._make_loop = make_loop
        self._grace_ticks = grace_ticks
        self._deaf = deaf
        self._beat = beat
        self._clock = clock
        self._sleep = sleep
        self._loop: TickLoop | None = None
        self._led = 0  # the last epoch in which this process moved the world
        self._directory = Inbox(Players(0))  # who is there, while this process only listens
        self._running: asyncio.Task[None] | None = None
        self._refused = ""  # why the checkpoint could not be read the last time
        self.reached = False  # whether Redis ever answered

    def receive(self, message: dict[str, Any]) -> None:
        """Take in one batch as it came; a damaged one is counted and dropped."""
        batch = batch_in(message)
        if batch is None:
            return
        if self._loop is not None and self._lease.held():
            self._loop.inbox.receive(batch, self._loop.world.tick)
        else:
            self._directory.note(batch)

    async def run(self) -> None:
        """Wait, recover, lead, for ever."""
        self._running = asyncio.current_task()
        while True:
            await self._win()
            metrics.LEASE_HELD.set(1)
            logger.info("lease_won", extra={"epoch": self._lease.epoch})
            renewer = asyncio.create_task(self._renew_for_ever())
            try:
                await self._lead()
            finally:
                await end(renewer)
                metrics.LEASE_HELD.set(0)
                metrics.SHIPS.set(0)
            logger.warning("lease_lost", extra={"epoch": self._lease.epoch})

    async def stop(self) -> None:
        """Stop the world, keep it for the successor and let that begin at once."""
        if self._running is not None:
            # First: a loop that goes on would move what is being kept, and win the lease again.
            await end(self._running)
        if not self._lease.held():
            return
        if self._loop is not None and self._led == self._lease.epoch:  # else there is no world yet to keep
            await self._save(self._loop, expect=[])  # nobody saw anything newer: the successor need not wait
        with contextlib.suppress(*UNREACHABLE):
            await self._lease.release()

    async def _win(self) -> None:
        strange_since: float | None = None
        while True:
            self._beat()
            self._directory.listen(deaf=self._deaf())
            try:
                if await self._regained():
                    return
                if not await self._lease.known() and not self._has_the_world():
                    # Redis came back empty, or is new: who has a world goes first.
                    strange_since = self._clock() if strange_since is None else strange_since
                else:
                    strange_since = None
                self.reached = True
                waited = strange_since is None or self._clock() - strange_since > 2 * TTL_S
                if waited and await self._legible() and await self._lease.acquire(above=self._heard_epoch()):
                    return
            except UNREACHABLE:
                metrics.LEASE_FAILED.inc()
            await self._sleep(POLL_S)

    async def _legible(self) -> bool:
        """Tell whether the kept world is one that this release can go on with; if not, another one has to."""
        if checkpoint.legible(await self._lease.head()):
            self._refused = ""
            return True
        self._refuse("format")
        return False

    def _refuse(self, reason: str) -> None:
        metrics.CHECKPOINTS_REFUSED.labels(reason).inc()
        if reason != self._refused:
            logger.warning("checkpoint_refused", extra={"reason": reason})
        self._refused = reason

    async def _regained(self) -> bool:
        """Go on with the lease that this process still has, after a silence of its own."""
        return bool(self._led == self._lease.epoch and self._led and await self._lease.renew())

    def _heard_epoch(self) -> int:
        return max(self._directory.heard_epoch, self._loop.inbox.heard_epoch if self._loop else 0)

    async def _renew_for_ever(self) -> None:
        while True:
            await self._sleep(RENEW_S)
            try:
                if not await self._lease.renew():
                    return
                await self._outbid()
            except UNREACHABLE:
                metrics.LEASE_FAILED.inc()

    async def _outbid(self) -> None:
        """Begin a new epoch if a gateway knows a newer one: it would not listen to this one."""
        if self._heard_epoch() > self._lease.epoch:
            await self._lease.release()

    async def _lead(self) -> None:
        loop = self._loop
        if loop is None or self._somebody_between():
            loop = await self._recovered()
        if loop is None:
            return
        self._led = loop.inbox.epoch = self._lease.epoch
        saver = asyncio.create_task(self._save_for_ever(loop))
        try:
            await loop.run(self._deaf)
        finally:
            await end(saver)

    def _has_the_world(self) -> bool:
        """Tell whether nobody is known to have moved the world after this process."""
        return bool(self._led) and self._heard_epoch() <= self._led

    def _somebody_between(self) -> bool:
        """Tell whether another process may have moved the world since this one did."""
        if self._lease.epoch == self._led:
            return False
        # An older epoch than ours is that of a Redis which came back with old data: nobody moved the world in it.
        return self._lease.before > self._led or self._heard_epoch() > self._led

    async def _recovered(self) -> TickLoop | None:
        """Return a loop with the world as it was moved last, by whomever; None if the lease is lost first."""
        self._loop = None
        kept = await self._kept()
        if self._refused == "format":  # whatever the lease says now: a renewal may have been answered meanwhile
            return None
        players = Players(self._grace_ticks)
        inbox = Inbox(players, self._lease.epoch)
        loop = self._loop = self._make_loop(players, inbox)
        if kept is not None:
            loop.world.tick = kept.tick
            players.restore(capture.pilots(kept), kept.tick)
        inbox.introduce(self._directory)
        await self._hear_all(loop, set(kept.gateways if kept else []))
        if not self._lease.held():
            self._loop = None  # what was found may be incomplete, and somebody else may go on from it
            return None
        found = recovery.recover(kept, recovery.readable(inbox.seen()))
        loop.begin(found)
        logger.info("world_recovered", extra={"ships": len(loop.world), "tick": found.tick, "pilots": len(players)})
        return loop

    async def _kept(self) -> Checkpoint | None:
        """Return the checkpoint if there is one that can be read; while Redis does not answer, that is not known."""
        while self._lease.held():
            try:
                data = await self._lease.load()
                return await self._read(data) if data is not None else None
            except UNREACHABLE:
                metrics.LEASE_FAILED.inc()
            await self._sleep(ASK_S)
        return None

    async def _read(self, data: bytes) -> Checkpoint | None:
        try:
            return checkpoint.decode(data)
        except Refused as refused:
            self._refuse(refused.reason)
            if refused.reason == "format":  # it was written after the look at it, before the lease was won
                await self._lease.release()
            return None

    async def _hear_all(self, loop: TickLoop, expected: set[str]) -> None:
        """Ask the gateways who is there, until all that are known have said it."""
        deadline = self._clock() + ANNOUNCE_S
        while self._lease.held() and self._clock() < deadline:
            names = expected | set(loop.inbox.gateways)
            if names and all(loop.inbox.announced(name) for name in names):
                return
            if not names and not self._deaf():
                return  # nobody was there, and nobody has come
            self._beat()
            loop.ask()
            await self._sleep(ASK_S)

    async def _save_for_ever(self, loop: TickLoop) -> None:
        while True:
            await self._sleep(CHECKPOINT_S)
            if self._lease.held():
                await self._save(loop, expect=loop.inbox.inhabited)

    async def _save(self, loop: TickLoop, expect: list[str]) -> None:
        kept = capture.keep(loop.world, loop.players, epoch=self._lease.epoch, gateways=expect)
        try:
            if not await self._lease.save(checkpoint.encode(kept)):
                metrics.CHECKPOINTS_REFUSED.labels("epoch").inc()
        except UNREACHABLE:
            metrics.CHECKPOINTS_FAILED.inc()
