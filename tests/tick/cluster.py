"""Tick processes and gateways in one event loop and one virtual time, around a real Redis; the messages go by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, Final, TypeVar

import msgspec
from redis.asyncio import Redis

from app.gateway.player.ticket import Ticket
from app.gateway.player.uplink import ANONYMOUS, BATCH_PERIOD_S, Uplink
from app.layer.redis import client
from app.runtime.tasks import end
from app.sim.world import World
from app.tick.inbox import Inbox
from app.tick.leader import Leader
from app.tick.lease import Lease
from app.tick.loop import Clock, TickLoop
from app.tick.players import Players
from app.tick.publisher import Publisher
from app.wire import inputs, snapshot, uplink
from app.wire.channels import BATCH_TYPE
from app.wire.formats import FORMAT
from app.wire.snapshot import Snapshot
from app.wire.uplink import Batch
from tests.gateway.doubles import RecordingPlayer
from tests.redis_server import RedisServer
from tests.tick.virtual_time import VirtualTime

PREFIX: Final = "cluster"
LEASE: Final = f"{{{PREFIX}}}:lease"
EPOCH: Final = f"{{{PREFIX}}}:epoch"
CHECKPOINT: Final = f"{{{PREFIX}}}:checkpoint"

ANN: Final = Ticket(2**64 - 1, 5)
BURN: Final = inputs.encode_input(1, 0, thrusting=True)
GRACE_TICKS: Final = 600

Kept = TypeVar("Kept")


class PatientLease(Lease):
    """A lease whose questions to Redis take no virtual time; those in `failing`, or if `cut` all, are not answered."""

    def __init__(self, redis: Redis, time: VirtualTime) -> None:
        super().__init__(redis, PREFIX, time.clock)
        self._time = time
        self.cut = False
        self.failing: set[str] = set()
        self.asked: list[str] = []

    async def acquire(self, above: int) -> bool:
        return await self._ask("acquire", lambda: super(PatientLease, self).acquire(above))

    async def renew(self) -> bool:
        return await self._ask("renew", super().renew)

    async def release(self) -> None:
        await self._ask("release", super().release)

    async def save(self, checkpoint: bytes) -> bool:
        return await self._ask("save", lambda: super(PatientLease, self).save(checkpoint))

    async def load(self) -> bytes | None:
        return await self._ask("load", super().load)

    async def head(self) -> bytes:
        return await self._ask("head", super().head)

    async def known(self) -> bool:
        return await self._ask("known", super().known)

    async def _ask(self, what: str, question: Callable[[], Awaitable[Kept]]) -> Kept:
        self.asked.append(what)
        if self.cut or what in self.failing:
            raise ConnectionError
        with self._time.standing_still():
            return await question()


class Gateway:
    """One gateway: its real uplink, the sessions behind it, and the frames that it got."""

    def __init__(self, time: VirtualTime, name: str) -> None:
        self.name = name
        self.uplink = Uplink(self._saw, clock=time.clock)
        self.frames: list[Snapshot] = []
        self.players: dict[int, RecordingPlayer] = {}
        self.mute = False
        self._seen: dict[int, Snapshot] = {}
        self._sessions = 0

    def join(self, who: Ticket = ANONYMOUS) -> int:
        """Let a player come; return the session."""
        self._sessions += 1
        session = self._sessions
        self.players[session] = RecordingPlayer(self.uplink, session, who)
        return session

    def ship(self, session: int) -> int:
        """The ship that a session flies, 0 for none."""
        return self.uplink._members[session].entry[3]

    def steer(self, session: int, message: bytes) -> None:
        """Let a player steer."""
        self.players[session].controls.steer(message)

    def see(self, data: bytes) -> None:
        """Get a frame, as a relay does."""
        shot = snapshot.decode(data)
        if self.uplink.note_epoch(shot.epoch):
            self._seen[shot.arena] = shot
            self.frames.append(shot)

    def _saw(self, version: int) -> list[bytes]:
        return [snapshot.encode(shot, version) for shot in self._seen.values()]


class Tick:
    """One tick process."""

    def __init__(self, cluster: "Cluster", release: int) -> None:
        self.release = release
        self.lease = PatientLease(cluster.redis, cluster.time)
        self.beats = 0
        self.deaf = False
        self._cluster = cluster
        self.leader = Leader(
            self.lease,
            self._make_loop,
            grace_ticks=GRACE_TICKS,
            deaf=lambda: self.deaf,
            beat=self._beat,
            clock=cluster.time.clock,
            sleep=cluster.time.pause,
        )
        self.task = asyncio.create_task(self.leader.run())

    @property
    def world(self) -> World:
        """The world that it moves, or moved."""
        assert self.leader._loop is not None
        return self.leader._loop.world

    def leads(self) -> bool:
        """Whether it moves the world now."""
        return self.lease.held() and self.leader._led == self.lease.epoch

    def reads(self, batch: Batch) -> bool:
        """Whether a tick of its release would."""
        return batch.format in {self.release - 1, self.release}

    async def kill(self) -> None:
        """Let it stop without a word; Redis still knows it."""
        await end(self.task)
        self._cluster.ticks.remove(self)

    def _beat(self) -> None:
        self.beats += 1

    def _make_loop(self, players: Players, inbox: Inbox) -> TickLoop:
        time, layer = self._cluster.time, Speaking(self._cluster, self.release)
        clock = Clock(time.clock, time.clock, time.pause)
        world = World(arena_capacity=3, random=Random(1))
        publisher: Any = Publisher(layer, self.lease)
        return TickLoop(world, players, inbox, publisher, authority=self.lease, clock=clock)


class Speaking:
    """The channel layer of a tick of some release: what it says names that, in a format that both sides write."""

    def __init__(self, cluster: "Cluster", release: int) -> None:
        self._cluster = cluster
        self._release = release
        self.group_send = cluster.group_send

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Bring an answer."""
        answer = uplink.decode_answer(message["data"])
        said = msgspec.structs.replace(answer, format=min(answer.format, self._release), reads=self._release)
        await self._cluster.send(channel, message | {"data": uplink.encode(said)})


class Cluster:
    """All of them; behind `Speaking` it is the channel layer of the ticks."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self.redis = client(server.url)
        self.time = VirtualTime()
        self.ticks: list[Tick] = []
        self.gateways: dict[str, Gateway] = {}
        self._talk = asyncio.create_task(self._all_talk())

    def tick(self, release: int = FORMAT) -> Tick:
        """Start a tick process."""
        self.ticks.append(Tick(self, release))
        return self.ticks[-1]

    def gateway(self, name: str) -> Gateway:
        """Start a gateway."""
        self.gateways[name] = Gateway(self.time, name)
        return self.gateways[name]

    async def led(self) -> Tick:
        """Start a tick process and wait until it leads."""
        tick = self.tick()
        await self.time.until(tick.leads)
        return tick

    async def expire(self) -> None:
        """Let the lease run out in Redis."""
        await self.redis.delete(LEASE)

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Bring an answer."""
        if channel in self.gateways and not self.gateways[channel].mute:
            self.gateways[channel].uplink.receive(uplink.decode_answer(message["data"]))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Bring a frame to all gateways."""
        for gateway in self.gateways.values():
            gateway.see(message["data"])

    async def end(self) -> None:
        """Stop everybody."""
        await end(self._talk, *(tick.task for tick in self.ticks))
        await self.redis.aclose()

    async def _all_talk(self) -> None:
        while True:
            await self.time.pause(BATCH_PERIOD_S)
            for gateway in self.gateways.values():
                batch = None if gateway.mute else gateway.uplink.batch(gateway.name)
                if batch is not None:
                    for tick in filter(lambda tick: tick.reads(batch), self.ticks):
                        tick.leader.receive({"type": BATCH_TYPE, "data": uplink.encode(batch)})


async def flying(cluster: Cluster, tick: Tick) -> tuple[int, int]:
    """Ann and somebody without a ticket, who burns, fly over gateway g; return the sessions."""
    gateway = cluster.gateway("g")
    ann, other = gateway.join(ANN), gateway.join()
    await cluster.time.until(lambda: gateway.ship(ann) and gateway.ship(other))
    gateway.steer(other, BURN)
    await cluster.time.until(lambda: tick.world.thrusting.sum() == 1)
    return ann, other
