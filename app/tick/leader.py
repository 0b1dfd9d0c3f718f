"""One tick process among others: it waits for the lease, recovers the world, and moves it until the lease is lost.

A process that waits is a spare. It receives batches, so that it has the list of gateways when it takes over. A process
that regains the lease, with no other holder in between, continues with its own world. Otherwise the checkpoint and the
snapshots that gateways saw are newer. It starts an empty world only if there is no checkpoint or a damaged one. While
there is a checkpoint in an unknown format, it leaves the lease to a release that can read it.
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
from app.tick.incoming import read_batch
from app.tick.lease import RENEW_S, TTL_S, UNREACHABLE, Lease
from app.tick.loop import TickLoop
from app.tick.players import Players
from app.wire import checkpoint
from app.wire.checkpoint import Checkpoint
from app.wire.refusal import Refused

POLL_S: Final = 0.1  # seconds between two attempts to get the lease
ROSTERS_S: Final = 1.0  # seconds for all gateways to send their rosters, before new ids are given out
REQUEST_S: Final = 0.05  # seconds between two requests for them
CHECKPOINT_S: Final = 1.0  # seconds between checkpoints: the time that is lost if the tick and all gateways end at once

logger = logging.getLogger(__name__)


class Leader:
    def __init__(
        self,
        lease: Lease,
        make_loop: Callable[[Players, Inbox], TickLoop],
        *,
        grace_ticks: int,
        disconnected: Callable[[], bool],
        beat: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Lead with `lease`; `disconnected` is True while no batch can arrive here, and `beat` reports progress."""
        self._lease = lease
        self._make_loop = make_loop
        self._grace_ticks = grace_ticks
        self._disconnected = disconnected
        self._beat = beat
        self._clock = clock
        self._sleep = sleep
        self._loop: TickLoop | None = None
        self._led_epoch = 0  # the last epoch in which this process moved the world
        self._directory = Inbox(Players(0))  # the gateways, while this process does not lead
        self._running: asyncio.Task[None] | None = None
        self._refused = ""  # the reason for which the checkpoint was refused the last time
        self.reached = False  # True after the first answer of Redis

    def receive(self, message: dict[str, Any]) -> None:
        """Apply one message of the channel layer; one that cannot be read is counted and dropped."""
        batch = read_batch(message)
        if batch is None:
            return
        if self._loop is not None and self._lease.held():
            self._loop.inbox.receive(batch, self._loop.world.tick)
        else:
            self._directory.register(batch)

    async def run(self) -> None:
        """Wait for the lease, recover the world and lead, until cancelled."""
        self._running = asyncio.current_task()
        while True:
            await self._wait_for_lease()
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
        """Stop the world, save it for the successor, and give the lease back."""
        if self._running is not None:
            # First, because a running loop would change the world during the save, and win the lease again.
            await end(self._running)
        if not self._lease.held():
            return
        if self._loop is not None and self._led_epoch == self._lease.epoch:  # else there is no world yet to save
            await self._save(self._loop, expect=[])  # no gateway saw anything newer: the successor need not wait
        with contextlib.suppress(*UNREACHABLE):
            await self._lease.release()

    async def _wait_for_lease(self) -> None:
        empty_since: float | None = None
        while True:
            self._beat()
            self._directory.count_silence(disconnected=self._disconnected())
            try:
                if await self._renewed():
                    return
                if not await self._lease.had_holder() and not self._has_newest_world():
                    # Redis is new or lost its data: a process that has a world goes first.
                    empty_since = self._clock() if empty_since is None else empty_since
                else:
                    empty_since = None
                self.reached = True
                waited = empty_since is None or self._clock() - empty_since > 2 * TTL_S
                if waited and await self._can_read() and await self._lease.acquire(above=self._newest_epoch()):
                    return
            except UNREACHABLE:
                metrics.LEASE_FAILED.inc()
            await self._sleep(POLL_S)

    async def _can_read(self) -> bool:
        """Return True if this release can read the stored checkpoint; if not, another release has to lead."""
        if checkpoint.is_readable(await self._lease.head()):
            self._refused = ""
            return True
        self._refuse("format")
        return False

    def _refuse(self, reason: str) -> None:
        metrics.CHECKPOINTS_REFUSED.labels(reason).inc()
        if reason != self._refused:
            logger.warning("checkpoint_refused", extra={"reason": reason})
        self._refused = reason

    async def _renewed(self) -> bool:
        """Renew the lease that this process had before it was stopped for a while, if it is still there."""
        return bool(self._led_epoch == self._lease.epoch and self._led_epoch and await self._lease.renew())

    def _newest_epoch(self) -> int:
        return max(self._directory.newest_epoch, self._loop.inbox.newest_epoch if self._loop else 0)

    async def _renew_for_ever(self) -> None:
        while True:
            await self._sleep(RENEW_S)
            try:
                if not await self._lease.renew():
                    return
                await self._release_if_outdated()
            except UNREACHABLE:
                metrics.LEASE_FAILED.inc()

    async def _release_if_outdated(self) -> None:
        """Give the lease back if a gateway named a newer epoch, because such a gateway drops the frames of this one."""
        if self._newest_epoch() > self._lease.epoch:
            await self._lease.release()

    async def _lead(self) -> None:
        loop = self._loop
        if loop is None or self._another_may_have_led():
            loop = await self._recover()
        if loop is None:
            return
        self._led_epoch = loop.inbox.epoch = self._lease.epoch
        saver = asyncio.create_task(self._save_for_ever(loop))
        try:
            await loop.run(self._disconnected)
        finally:
            await end(saver)

    def _has_newest_world(self) -> bool:
        """Return True if this process moved the world, and no gateway saw a newer epoch."""
        return bool(self._led_epoch) and self._newest_epoch() <= self._led_epoch

    def _another_may_have_led(self) -> bool:
        """Return True if another process may have moved the world since this one did."""
        if self._lease.epoch == self._led_epoch:
            return False
        # An epoch in Redis older than ours means that Redis came back with old data: no world moved in it since.
        return self._lease.previous_epoch > self._led_epoch or self._newest_epoch() > self._led_epoch

    async def _recover(self) -> TickLoop | None:
        """Return a loop with the newest known world; None if the lease is lost first."""
        self._loop = None
        kept = await self._load()
        if self._refused == "format":  # even if the lease is held: the answer to a renewal may have come late
            return None
        players = Players(self._grace_ticks)
        inbox = Inbox(players, self._lease.epoch)
        loop = self._loop = self._make_loop(players, inbox)
        if kept is not None:
            loop.world.tick = kept.tick
            players.restore(capture.pilots_of(kept), kept.tick)
        inbox.add_gateways(self._directory)
        await self._wait_for_rosters(loop, set(kept.gateways if kept else []))
        if not self._lease.held():
            self._loop = None  # it may lack ships, and another process may lead meanwhile
            return None
        recovered = recovery.recover(kept, recovery.decode_readable(inbox.seen()))
        loop.resume(recovered)
        logger.info("world_recovered", extra={"ships": len(loop.world), "tick": recovered.tick, "pilots": len(players)})
        return loop

    async def _load(self) -> Checkpoint | None:
        """Return the checkpoint if there is one that can be read; try again while Redis does not answer."""
        while self._lease.held():
            try:
                data = await self._lease.load()
                return await self._decode(data) if data is not None else None
            except UNREACHABLE:
                metrics.LEASE_FAILED.inc()
            await self._sleep(REQUEST_S)
        return None

    async def _decode(self, data: bytes) -> Checkpoint | None:
        try:
            return checkpoint.decode(data)
        except Refused as refused:
            self._refuse(refused.reason)
            if refused.reason == "format":  # it was written after `_can_read`, before the lease was won
                await self._lease.release()
            return None

    async def _wait_for_rosters(self, loop: TickLoop, expected: set[str]) -> None:
        """Request the rosters until all known gateways have sent theirs, for at most ROSTERS_S."""
        deadline = self._clock() + ROSTERS_S
        while self._lease.held() and self._clock() < deadline:
            names = expected | set(loop.inbox.gateways)
            if names and all(loop.inbox.has_roster(name) for name in names):
                return
            if not names and not self._disconnected():
                return  # there are no gateways
            self._beat()
            loop.publish_answers()
            await self._sleep(REQUEST_S)

    async def _save_for_ever(self, loop: TickLoop) -> None:
        while True:
            await self._sleep(CHECKPOINT_S)
            if self._lease.held():
                await self._save(loop, expect=loop.inbox.gateways_with_sessions)

    async def _save(self, loop: TickLoop, expect: list[str]) -> None:
        kept = capture.to_checkpoint(loop.world, loop.players, epoch=self._lease.epoch, gateways=expect)
        try:
            if not await self._lease.save(checkpoint.encode(kept)):
                metrics.CHECKPOINTS_REFUSED.labels("epoch").inc()
        except UNREACHABLE:
            metrics.CHECKPOINTS_FAILED.inc()
