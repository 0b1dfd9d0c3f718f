"""The loop: wait for the deadline, drain the inbox, step, publish."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from app.observability import metrics
from app.sim.rules import TICK_RATE
from app.sim.world import World
from app.tick import capture, recovery
from app.tick.inbox import Inbox
from app.tick.incoming import batch_in
from app.tick.lease import Authority
from app.tick.players import Newcomer, Players
from app.tick.publisher import Publisher
from app.tick.recovery import Recovered
from app.tick.schedule import Due, Schedule
from app.wire.records import Records
from app.wire.snapshot import Snapshot
from app.wire.uplink import NO_SHIP

PERIOD: Final = 1 / TICK_RATE  # seconds; the budget of a tick
SHARE_BEFORE_REST: Final = 0.6  # of the time until the next deadline that belongs to the frame and to inputs

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and waiting; tests give their own."""

    monotonic: Callable[[], float] = time.perf_counter
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class TickLoop:
    """Steps one world at a fixed rate and tells the gateways."""

    def __init__(
        self,
        world: World,
        players: Players,
        inbox: Inbox,
        publisher: Publisher,
        *,
        authority: Authority,
        clock: Clock | None = None,
        after_tick: Callable[[float], None] | None = None,
    ) -> None:
        """Take what a tick moves; `after_tick` gets the seconds that are left of it."""
        self.world = world
        self.players = players
        self.inbox = inbox
        self._publisher = publisher
        self._authority = authority
        self._clock = clock or Clock()
        self._after_tick = after_tick

    async def run(self, deaf: Callable[[], bool] = lambda: False) -> None:
        """Tick for as long as the authority holds; `deaf` tells whether this process hears no gateway at all."""
        schedule = Schedule(self._clock.monotonic(), PERIOD)
        while True:
            await self._clock.sleep(max(0.0, schedule.deadline - self._clock.monotonic()))
            if not self._authority.held():
                return
            due = schedule.due(self._clock.monotonic())
            if due.steps:
                self.inbox.listen(deaf=deaf())
                self.tick(due)
                await self._rest(schedule)

    def tick(self, due: Due) -> None:
        """Run one wake-up of the loop."""
        started = self._clock.monotonic()
        self._advance(due.steps)
        epoch, wall = self._authority.epoch, self._clock.wall()
        shots = capture.snapshots(self.world, epoch=epoch, steps=due.steps, published=wall)
        self._publisher.publish(shots, self.inbox.answers(self.world.tick), self.inbox.version)
        self._measure(due, self._clock.monotonic() - started)

    def receive(self, message: dict[str, Any]) -> None:
        """Take in one batch as it came; a damaged one is counted and dropped."""
        batch = batch_in(message)
        if batch is not None:
            self.inbox.receive(batch, self.world.tick)

    def ask(self) -> None:
        """Say what gateways must be told, without moving the world."""
        self._publisher.publish([], self.inbox.answers(self.world.tick))

    def begin(self, found: Recovered) -> None:
        """Go on from a recovered world, in which every ship has somebody who flew it."""
        self.world.replace(found.tick, found.last_id, found.columns)
        self._return_ships(self.players.newcomers())
        ships = self.world.id.tolist()
        self.players.keep_ships(set(ships), found.tick)
        self.world.release([ship for ship in ships if self.players.pilot_of(ship) is None])

    async def _rest(self, schedule: Schedule) -> None:
        """Offer what is left of the tick, late: first the frame goes out, in one process by the same loop."""
        if self._after_tick is not None:
            await self._clock.sleep(max(0.0, schedule.deadline - self._clock.monotonic()) * SHARE_BEFORE_REST)
            self._after_tick(schedule.deadline - self._clock.monotonic())

    def _advance(self, steps: int) -> None:
        changes = self.inbox.drain(self.world.tick)
        self.world.release(changes.departures)
        self._seat(changes.newcomers)
        self.world.apply(changes.inputs)
        self.world.coast(changes.coasting)
        for _ in range(steps):
            self.world.step()

    def _seat(self, newcomers: list[Newcomer]) -> None:
        """Give each its old ship back if that can be had, else a new one while there is room."""
        waiting = self._return_ships(newcomers)
        self.inbox.forget_seen()
        self.world.release(self.players.make_room(len(waiting) - self.world.room))
        berths = self.world.admit(len(waiting))
        for newcomer, berth in zip(waiting, berths, strict=False):
            self.players.seat(newcomer, berth.ship, berth.arena)
        for newcomer in waiting[len(berths) :]:
            self.players.seat(newcomer, NO_SHIP, 0)

    def _return_ships(self, newcomers: list[Newcomer]) -> list[Newcomer]:
        """Give back the ships that can be had; return who goes without."""
        if all(newcomer.ship == NO_SHIP for newcomer in newcomers):
            return newcomers
        shots = sorted(recovery.readable(self.inbox.seen()), key=recovery.moment, reverse=True)
        return [newcomer for newcomer in newcomers if not self._regained(newcomer, shots)]

    def _regained(self, newcomer: Newcomer, shots: list[Snapshot]) -> bool:
        ship = newcomer.ship
        if ship == NO_SHIP or self.players.pilot_of(ship) is not None:
            return False
        if ship not in self.world and not self._adopted(newcomer, shots):
            return False
        self.players.seat(newcomer, ship, self.world.arena_of(ship))
        return True

    def _adopted(self, newcomer: Newcomer, shots: list[Snapshot]) -> bool:
        """Take a ship in as it was seen last; `shots` begin with the newest."""
        for shot in shots:
            rows = shot.records[shot.records["id"] == newcomer.ship]
            if shot.arena == newcomer.arena and len(rows):
                return self.world.adopt(newcomer.ship, newcomer.arena, _state(rows))
        return False

    def _measure(self, due: Due, duration: float) -> None:
        metrics.TICK_DURATION.observe(duration)
        metrics.TICK_LATENESS.observe(due.lateness)
        metrics.SHIPS.set(len(self.world))
        if duration > PERIOD:
            metrics.TICK_OVERRUNS.inc()
        if due.slipped:
            metrics.TICKS_SLIPPED.inc(due.slipped)
            logger.warning("schedule_slipped", extra={"ticks": due.slipped})


def _state(rows: Records) -> dict[str, int]:
    state = {name: int(rows[name][0]) for name in ("x", "y", "vx", "vy", "heading", "sequence")}
    return {**state, "thrusting": int(rows["flags"][0])}
