"""The tick loop: wait for the deadline, drain the inbox, step, publish."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from app.observability import metrics
from app.runtime.idle_time import IdleTime, Timer, call_later
from app.sim.rules import TICK_RATE
from app.sim.world import World
from app.tick import capture, recovery
from app.tick.inbox import Inbox
from app.tick.incoming import read_batch
from app.tick.lease import Authority
from app.tick.players import Newcomer, Players
from app.tick.publisher import Publisher
from app.tick.recovery import Recovered
from app.tick.schedule import Due, Schedule
from app.wire.records import Records
from app.wire.snapshot import Snapshot
from app.wire.uplink import NO_SHIP

PERIOD: Final = 1 / TICK_RATE  # seconds; the budget of a tick

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and waiting; tests pass their own."""

    monotonic: Callable[[], float] = time.perf_counter
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    call_later: Timer = call_later


class TickLoop:
    """Steps one world at a fixed rate and publishes it."""

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
        """Call `after_tick` once per tick with the seconds that are left until the next one."""
        self.world = world
        self.players = players
        self.inbox = inbox
        self._publisher = publisher
        self._authority = authority
        self._clock = clock or Clock()
        work = after_tick or (lambda _seconds: None)
        self._idle_time = IdleTime(work, self._clock.monotonic, PERIOD, self._clock.call_later)

    async def run(self, disconnected: Callable[[], bool] = lambda: False) -> None:
        """Tick while the authority holds; while `disconnected` returns True, no gateway counts as silent."""
        schedule = Schedule(self._clock.monotonic(), PERIOD)
        while True:
            await self._clock.sleep(max(0.0, schedule.deadline - self._clock.monotonic()))
            if not self._authority.held():
                return
            due = schedule.due(self._clock.monotonic())
            if due.steps:
                self.inbox.count_silence(disconnected=disconnected())
                self.tick(due)
                self._idle_time.after_frame(schedule.deadline)

    def tick(self, due: Due) -> None:
        """Run one wake-up of the loop."""
        started = self._clock.monotonic()
        self._advance(due.steps)
        epoch, wall = self._authority.epoch, self._clock.wall()
        shots = capture.snapshots(self.world, epoch=epoch, steps=due.steps, published=wall)
        self._publisher.publish(shots, self.inbox.answers(self.world.tick), self.inbox.version)
        self._measure(due, self._clock.monotonic() - started)

    def receive(self, message: dict[str, Any]) -> None:
        """Apply one message of the channel layer; one that cannot be read is counted and dropped."""
        batch = read_batch(message)
        if batch is not None:
            self.inbox.receive(batch, self.world.tick)

    def publish_answers(self) -> None:
        """Send the answers without moving the world."""
        self._publisher.publish([], self.inbox.answers(self.world.tick))

    def resume(self, recovered: Recovered) -> None:
        """Continue with a recovered world, without the ships that have no pilot."""
        self.world.replace(recovered.tick, recovered.last_id, recovered.columns)
        self._return_ships(self.players.newcomers())
        ships = self.world.id.tolist()
        self.players.keep_ships(set(ships), recovered.tick)
        self.world.release([ship for ship in ships if self.players.pilot_of(ship) is None])

    def _advance(self, steps: int) -> None:
        changes = self.inbox.drain(self.world.tick)
        self.world.release(changes.departures)
        self._seat(changes.newcomers)
        self.world.apply(changes.inputs)
        self.world.coast(changes.coasting)
        for _ in range(steps):
            self.world.step()

    def _seat(self, newcomers: list[Newcomer]) -> None:
        """Give each newcomer its former ship if possible, else a new one while there is room."""
        waiting = self._return_ships(newcomers)
        self.inbox.forget_seen()
        self.world.release(self.players.make_room(len(waiting) - self.world.room))
        berths = self.world.admit(len(waiting))
        for newcomer, berth in zip(waiting, berths, strict=False):
            self.players.seat(newcomer, berth.ship, berth.arena)
        for newcomer in waiting[len(berths) :]:
            self.players.seat(newcomer, NO_SHIP, 0)

    def _return_ships(self, newcomers: list[Newcomer]) -> list[Newcomer]:
        """Return former ships to their newcomers; the result are the newcomers that need a new one."""
        if all(newcomer.ship == NO_SHIP for newcomer in newcomers):
            return newcomers
        shots = sorted(recovery.decode_readable(self.inbox.seen()), key=recovery.moment, reverse=True)
        return [newcomer for newcomer in newcomers if not self._returned(newcomer, shots)]

    def _returned(self, newcomer: Newcomer, shots: list[Snapshot]) -> bool:
        ship = newcomer.ship
        if ship == NO_SHIP or self.players.pilot_of(ship) is not None:
            return False
        if ship not in self.world and not self._adopted(newcomer, shots):
            return False
        self.players.seat(newcomer, ship, self.world.arena_of(ship))
        return True

    def _adopted(self, newcomer: Newcomer, shots: list[Snapshot]) -> bool:
        """Add a ship in the state of its newest snapshot; `shots` are sorted, newest first."""
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
