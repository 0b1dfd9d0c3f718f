import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from typing import Any

from channels.layers import InMemoryChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

from app.layer.member import Member
from app.layer.redis import layer_settings
from app.observability import metrics
from tests.pacing import pace, until
from tests.redis_server import RedisServer

BACK_S = 3.0  # limit after an outage, on a machine that is busy; some 1.5 s where it is not


class Listener:
    """A member with its layer, another layer that sends, and the received data."""

    def __init__(self, url: str) -> None:
        self.layer = RedisPubSubChannelLayer(**layer_settings(url, "test")["CONFIG"])
        self.sender = RedisPubSubChannelLayer(**layer_settings(url, "test")["CONFIG"])
        self.received: list[Any] = []
        self.groups: frozenset[str] = frozenset({"a"})
        self.member = Member(self.layer, on_message=self.take, wanted=lambda: self.groups, echo=True)

    def take(self, message: dict[str, Any]) -> None:
        self.received.append(message["data"])

    async def arrives(self, group: str, word: str) -> bool:
        """Send a word to the group; return True if it has arrived, now or after an earlier call."""
        with contextlib.suppress(Exception):
            await self.sender.group_send(group, {"type": "test", "data": word})
        return word in self.received

    async def receives_again(self, group: str = "a") -> None:
        """Wait until a new word arrives."""
        word = uuid.uuid4().hex
        async with asyncio.timeout(BACK_S):
            while not await self.arrives(group, word):
                await pace(0.02)


@contextlib.asynccontextmanager
async def listening(url: str) -> AsyncIterator[Listener]:
    listener = Listener(url)
    running = asyncio.create_task(listener.member.run())
    try:
        yield listener
    finally:
        running.cancel()
        await asyncio.wait([running])
        with contextlib.suppress(Exception):
            await listener.sender.flush()
        assert listener.member.channel is None
        assert listener.member.disconnected()


async def test_a_member_receives_the_messages_of_its_groups(redis_server: RedisServer) -> None:
    """Groups follow the wanted ones soon after a change; messages to its channel arrive too."""
    async with listening(redis_server.url) as listener:
        await listener.receives_again("a")
        listener.groups = frozenset({"b", "c"})
        listener.member.wants_changed()
        await listener.receives_again("b")
        await listener.receives_again("c")
        listener.received.clear()
        await listener.sender.group_send("a", {"type": "test", "data": "for others"})
        assert not listener.member.disconnected()
        channel = listener.member.channel
        assert channel is not None
        await listener.sender.send(channel, {"type": "test", "data": "for this member"})
        await until(lambda: "for this member" in listener.received)
        assert ["for this member"] == [word for word in listener.received if word.startswith("for")]


async def test_a_member_comes_back_when_redis_does(redis_server: RedisServer) -> None:
    """Killed and started again, empty: the member is disconnected meanwhile, and soon after in its groups again."""
    async with listening(redis_server.url) as listener:
        await listener.receives_again()
        redis_server.kill()
        await until(listener.member.disconnected)
        await until(lambda: listener.member.channel is None)
        redis_server.restart()
        await listener.receives_again()
        assert not listener.member.disconnected()


async def test_a_member_waits_for_a_redis_that_is_not_there_yet(redis_server: RedisServer) -> None:
    """Each attempt is counted and leaves nothing behind; the first that can succeed does."""
    redis_server.kill()
    before = metrics.LAYER_ERRORS._value.get()
    async with listening(redis_server.url) as listener:
        await until(lambda: metrics.LAYER_ERRORS._value.get() >= before + 4)
        assert listener.member.disconnected()
        assert len(listener.layer.channels) <= 1
        redis_server.restart()
        await listener.receives_again()


async def test_a_member_survives_that_its_subscription_is_killed(redis_server: RedisServer) -> None:
    """CLIENT KILL TYPE pubsub: Redis is there, but nothing comes."""
    async with listening(redis_server.url) as listener:
        await listener.receives_again()
        for _ in range(2):
            with redis_server.client() as client:
                assert client.client_kill_filter(_type="pubsub") >= 1
            await listener.receives_again()


async def test_a_member_survives_a_redis_that_stops(redis_server: RedisServer) -> None:
    """Connections stay open without an answer, for longer than any timeout."""
    async with listening(redis_server.url) as listener:
        await listener.receives_again()
        redis_server.pause()
        await until(listener.member.disconnected)
        before = metrics.LAYER_ERRORS._value.get()
        await until(lambda: metrics.LAYER_ERRORS._value.get() >= before + 3)  # attempts, each with its timeouts
        assert listener.member.disconnected()
        redis_server.unpause()
        await listener.receives_again()
        await until(lambda: not listener.member.disconnected())


async def test_a_member_notices_that_only_its_subscription_is_gone(redis_server: RedisServer) -> None:
    """The layer lists a subscription that is gone: no echo returns, so that everything is renewed."""
    async with listening(redis_server.url) as listener:
        await listener.receives_again()
        before = metrics.LAYER_RENEWALS._value.get()
        shard = listener.layer._get_layer()._shards[0]
        await shard._pubsub.unsubscribe()
        await until(lambda: metrics.LAYER_RENEWALS._value.get() > before)
        await listener.receives_again()


async def test_renewals_leave_nothing_behind(redis_server: RedisServer) -> None:
    """After fifty: as many tasks, connections, subscriptions and names as before."""
    async with listening(redis_server.url) as listener:
        await listener.receives_again()
        with redis_server.client() as client:
            await until(lambda: bool(listener.member.channel))
            tasks, connections = len(asyncio.all_tasks()), len(client.client_list())
            for _ in range(50):
                channel = listener.member.channel
                listener.member.renew()
                await until(lambda channel=channel: listener.member.channel not in {None, channel})
            await listener.receives_again()
            await until(lambda: (tasks, connections) == (len(asyncio.all_tasks()), len(client.client_list())))
            assert 1 == len(listener.layer.channels) == len(listener.layer.groups)
            assert 2 == len(client.pubsub_channels())


async def test_what_ends_the_receiving_is_an_error_that_is_seen(redis_server: RedisServer) -> None:
    """A message that cannot be taken is counted, and the member comes back for the next one."""
    before = metrics.LAYER_ERRORS._value.get()
    async with listening(redis_server.url) as listener:
        await listener.receives_again()
        await listener.sender.group_send("a", {"type": "test"})
        await until(lambda: metrics.LAYER_ERRORS._value.get() > before)
        await listener.receives_again()


async def test_in_memory_memberships_are_repeated() -> None:
    """The layer forgets them by the wall clock, which may jump; nothing need be renewed for that."""
    now, received = 1000.0, []
    layer = InMemoryChannelLayer()
    member = Member(layer, on_message=received.append, wanted=lambda: frozenset({"a"}), echo=False, clock=lambda: now)
    running = asyncio.create_task(member.run())
    await until(lambda: "a" in layer.groups)
    assert not member.disconnected()
    channel = member.channel
    for _ in range(2):
        layer.groups.clear()
        now += 10.0
        member.renew()
        member.wants_changed()
        await until(lambda: "a" in layer.groups)
    assert (channel, [channel]) == (member.channel, list(layer.groups["a"]))
    await layer.group_send("a", {"type": "test", "data": 1})
    await until(lambda: bool(received))
    running.cancel()
    await asyncio.wait([running])
    assert member.disconnected()


class Swallowing(InMemoryChannelLayer):  # type: ignore[misc]  # channels is untyped
    """A layer whose flush swallows a cancellation, as in channels_redis."""

    def __init__(self) -> None:
        super().__init__()
        self.flushing = asyncio.Event()

    async def flush(self) -> None:
        self.flushing.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


async def test_a_member_ends_though_its_cancellation_is_swallowed() -> None:
    """The cancellation came while it reconnected; a process that stops waits for it."""
    layer = Swallowing()
    member = Member(layer, on_message=lambda _message: None, wanted=frozenset, echo=True)
    running = asyncio.create_task(member.run())
    await until(lambda: member.channel is not None)
    member.renew()
    async with asyncio.timeout(5):
        await layer.flushing.wait()
        running.cancel()
        await asyncio.wait([running])
    assert running.cancelled()


async def test_a_group_that_is_left_when_memberships_are_repeated_is_left() -> None:
    """Else its messages would come for ever, to a process that wants none of them."""
    now, wanted = 1000.0, {"a", "b"}
    layer = InMemoryChannelLayer()
    member = Member(layer, on_message=print, wanted=lambda: frozenset(wanted), echo=False, clock=lambda: now)
    running = asyncio.create_task(member.run())
    await until(lambda: {"a", "b"} == set(layer.groups))
    now += 10.0
    wanted.remove("b")
    member.wants_changed()
    await until(lambda: {"a"} == set(layer.groups))
    running.cancel()
    await asyncio.wait([running])
