"""Tick processes and gateways in one event loop and one virtual time, around a real Redis; the messages go by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, Final, TypeVar

import msgspec
from redis.asyncio import Redis

from app.gateway.player.alignment import FREE_S
from app.gateway.player.ticket import Ticket
from app.gateway.player.uplink import ANONYMOUS, Uplink
from app.layer.redis import client
from app.runtime.tasks import end
from app.sim.world import World
from app.tick.inbox import Inbox
from app.tick.leader import CHECKPOINT_S, Leader
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
from tests.virtual_time import VirtualTime

PREFIX: Final = "cluster"
LEASE: Final = f"{{{PREFIX}}}:lease"
EPOCH: Final = f"{{{PREFIX}}}:epoch"
CHECKPOINT: Final = f"{{{PREFIX}}}:checkpoint"

ANN: Final = Ticket(2**64 - 1, 5)
BURN: Final = inputs.encode_input(1, 0, thrusting=True)
GRACE_TICKS: Final = 600

Kept = TypeVar("Kept")


class PatientLease(Lease):
    """A lease whose requests take no virtual time; those in `failing`, or all of them if `cut`, get no answer."""

    def __init__(self, redis: Redis, time: VirtualTime) -> None:
        super().__init__(redis, PREFIX, time.clock)
        self._time = time
        self.cut = False
        self.failing: set[str] = set()
        self.requests: list[str] = []

    async def acquire(self, above: int) -> bool:
        return await self._request("acquire", lambda: super(PatientLease, self).acquire(above))

    async def renew(self) -> bool:
        return await self._request("renew", super().renew)

    async def release(self) -> None:
        await self._request("release", super().release)

    async def save(self, checkpoint: bytes) -> bool:
        return await self._request("save", lambda: super(PatientLease, self).save(checkpoint))

    async def load(self) -> bytes | None:
        return await self._request("load", super().load)

    async def head(self) -> bytes:
        return await self._request("head", super().head)

    async def had_holder(self) -> bool:
        return await self._request("had_holder", super().had_holder)

    async def _request(self, what: str, request: Callable[[], Awaitable[Kept]]) -> Kept:
        self.requests.append(what)
        if self.cut or what in self.failing:
            raise ConnectionError
        with self._time.standing_still():
            return await request()


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
        self._sessions += 1
        session = self._sessions
        self.players[session] = RecordingPlayer(self.uplink, session, who)
        return session

    def ship(self, session: int) -> int:
        """Return the ship of a session, 0 for none."""
        return self.uplink._members[session].entry[3]

    def steer(self, session: int, message: bytes) -> None:
        self.players[session].controls.steer(message)

    def see(self, data: bytes) -> None:
        """Receive a frame, as a relay does."""
        shot = snapshot.decode(data)
        if self.uplink.note_epoch(shot.epoch):
            self._seen[shot.arena] = shot
            self.frames.append(shot)

    def _saw(self, version: int) -> list[bytes]:
        return [snapshot.encode(shot, version) for shot in self._seen.values()]


class Tick:
    def __init__(self, cluster: "Cluster", release: int) -> None:
        self.release = release
        self.lease = PatientLease(cluster.redis, cluster.time)
        self.beats = 0
        self.disconnected = False
        self._cluster = cluster
        self.leader = Leader(
            self.lease,
            self._make_loop,
            grace_ticks=GRACE_TICKS,
            disconnected=lambda: self.disconnected,
            beat=self._beat,
            clock=cluster.time.clock,
            sleep=cluster.time.pause,
        )
        self.task = asyncio.create_task(self.leader.run())

    @property
    def world(self) -> World:
        """The world that it moves, or moved last."""
        assert self.leader._loop is not None
        return self.leader._loop.world

    def leads(self) -> bool:
        """Return True if it moves the world now."""
        return self.lease.held() and self.leader._led_epoch == self.lease.epoch

    def reads(self, batch: Batch) -> bool:
        """Return True if its release can read the batch."""
        return batch.format in {self.release - 1, self.release}

    async def kill(self) -> None:
        """End it without releasing the lease."""
        await end(self.task)
        self._cluster.ticks.remove(self)

    def _beat(self) -> None:
        self.beats += 1

    def _make_loop(self, players: Players, inbox: Inbox) -> TickLoop:
        time, layer = self._cluster.time, ReleaseLayer(self._cluster, self.release)
        clock = Clock(time.clock, time.clock, time.pause, time.schedule)
        world = World(arena_capacity=3, random=Random(1))
        publisher: Any = Publisher(layer, self.lease)
        return TickLoop(world, players, inbox, publisher, authority=self.lease, clock=clock)


class ReleaseLayer:
    """The channel layer of a tick of some release: its answers name that release, in a format that both sides have."""

    def __init__(self, cluster: "Cluster", release: int) -> None:
        self._cluster = cluster
        self._release = release
        self.group_send = cluster.group_send

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        answer = uplink.decode_answer(message["data"])
        sent = msgspec.structs.replace(answer, format=min(answer.format, self._release), reads=self._release)
        await self._cluster.send(channel, message | {"data": uplink.encode(sent)})


class Cluster:
    """All processes; behind `ReleaseLayer` it is the channel layer of the ticks."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self.redis = client(server.url)
        self.time = VirtualTime()
        self.ticks: list[Tick] = []
        self.gateways: dict[str, Gateway] = {}
        self._exchange = asyncio.create_task(self._exchange_batches())

    def tick(self, release: int = FORMAT) -> Tick:
        self.ticks.append(Tick(self, release))
        return self.ticks[-1]

    def gateway(self, name: str) -> Gateway:
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
        if channel in self.gateways and not self.gateways[channel].mute:
            self.gateways[channel].uplink.receive(uplink.decode_answer(message["data"]))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        for gateway in self.gateways.values():
            gateway.see(message["data"])

    async def end(self) -> None:
        await end(self._exchange, *(tick.task for tick in self.ticks))
        await self.redis.aclose()

    async def _exchange_batches(self) -> None:
        while True:
            await self.time.pause(FREE_S)
            for gateway in self.gateways.values():
                batch = None if gateway.mute else gateway.uplink.batch(gateway.name)
                if batch is not None:
                    for tick in filter(lambda tick: tick.reads(batch), self.ticks):
                        tick.leader.receive({"type": BATCH_TYPE, "data": uplink.encode(batch)})


async def flying(cluster: Cluster, tick: Tick) -> tuple[int, int]:
    """Let Ann and a player without a ticket fly through gateway g, the second with thrust; return the sessions."""
    gateway = cluster.gateway("g")
    ann, other = gateway.join(ANN), gateway.join()
    await cluster.time.until(lambda: gateway.ship(ann) and gateway.ship(other))
    gateway.steer(other, BURN)
    await cluster.time.until(lambda: tick.world.thrusting.sum() == 1)
    return ann, other


async def died(cluster: Cluster) -> Tick:
    """Let a tick lead the players of `flying`, store checkpoints and die; its lease is over. Return it."""
    tick = await cluster.led()
    await flying(cluster, tick)
    await cluster.time.go(CHECKPOINT_S * 2)
    await tick.kill()
    await cluster.expire()
    return tick
