import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from typing import Any

from channels.layers import InMemoryChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

from app.layer.member import DEAF_S, Member
from app.layer.redis import layer_settings
from app.observability import metrics
from tests.pacing import pace, until
from tests.redis_server import RedisServer

BACK_S = 3.0  # limit after an outage, on a machine that is busy; some 1.5 s where it is not


class Listener:
    """A member, the layer that it is in, another layer to speak by, and what is heard."""

    def __init__(self, url: str) -> None:
        self.layer = RedisPubSubChannelLayer(**layer_settings(url, "test")["CONFIG"])
        self.speaker = RedisPubSubChannelLayer(**layer_settings(url, "test")["CONFIG"])
        self.heard: list[Any] = []
        self.groups: frozenset[str] = frozenset({"a"})
        self.member = Member(self.layer, on_message=self.take, wanted=lambda: self.groups, echo=True)

    def take(self, message: dict[str, Any]) -> None:
        self.heard.append(message["data"])

    async def hears(self, group: str, word: str) -> bool:
        """Say a word to the group; tell whether it has been heard, now or when it was said before."""
        with contextlib.suppress(Exception):
            await self.speaker.group_send(group, {"type": "test", "data": word})
        return word in self.heard

    async def hears_again(self, group: str = "a") -> None:
        """Wait until a word is heard that was never said before."""
        word = uuid.uuid4().hex
        async with asyncio.timeout(BACK_S):
            while not await self.hears(group, word):
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
            await listener.speaker.flush()
        assert listener.member.channel is None
        assert listener.member.deaf()


async def test_a_member_hears_what_is_said_in_its_groups(redis_server: RedisServer) -> None:
    """Groups follow what is wanted, soon after it changed; what is said to its channel comes too."""
    async with listening(redis_server.url) as listener:
        await listener.hears_again("a")
        listener.groups = frozenset({"b", "c"})
        listener.member.wants_changed()
        await listener.hears_again("b")
        await listener.hears_again("c")
        listener.heard.clear()
        await listener.speaker.group_send("a", {"type": "test", "data": "for others"})
        assert not listener.member.deaf()
        channel = listener.member.channel
        assert channel is not None
        await listener.speaker.send(channel, {"type": "test", "data": "for you"})
        await until(lambda: "for you" in listener.heard)
        assert ["for you"] == [word for word in listener.heard if word.startswith("for")]


async def test_a_member_comes_back_when_redis_does(redis_server: RedisServer) -> None:
    """Killed and started again, empty: the member is deaf meanwhile and says so, in its groups again soon after."""
    async with listening(redis_server.url) as listener:
        await listener.hears_again()
        redis_server.kill()
        await until(listener.member.deaf)
        await until(lambda: listener.member.channel is None)
        redis_server.restart()
        await listener.hears_again()
        assert not listener.member.deaf()


async def test_a_member_waits_for_a_redis_that_is_not_there_yet(redis_server: RedisServer) -> None:
    """Each attempt is counted and leaves nothing behind; the first that can succeed does."""
    redis_server.kill()
    before = metrics.LAYER_ERRORS._value.get()
    async with listening(redis_server.url) as listener:
        await until(lambda: metrics.LAYER_ERRORS._value.get() >= before + 4)
        assert listener.member.deaf()
        assert len(listener.layer.channels) <= 1
        redis_server.restart()
        await listener.hears_again()


async def test_a_member_survives_that_its_subscription_is_killed(redis_server: RedisServer) -> None:
    """CLIENT KILL TYPE pubsub: Redis is there, but nothing comes."""
    async with listening(redis_server.url) as listener:
        await listener.hears_again()
        for _ in range(2):
            with redis_server.client() as client:
                assert client.client_kill_filter(_type="pubsub") >= 1
            await listener.hears_again()


async def test_a_member_survives_a_redis_that_stops(redis_server: RedisServer) -> None:
    """Connections stay open and nobody answers, for longer than any timeout; then it goes on."""
    async with listening(redis_server.url) as listener:
        await listener.hears_again()
        redis_server.pause()
        await until(listener.member.deaf)
        await pace(2 * DEAF_S)
        assert listener.member.deaf()
        redis_server.unpause()
        await listener.hears_again()
        await until(lambda: not listener.member.deaf())


async def test_a_member_notices_that_only_its_subscription_is_gone(redis_server: RedisServer) -> None:
    """The layer believes to be subscribed and is not: no echo comes back, so that all is made anew."""
    async with listening(redis_server.url) as listener:
        await listener.hears_again()
        before = metrics.LAYER_RENEWALS._value.get()
        shard = listener.layer._get_layer()._shards[0]
        await shard._pubsub.unsubscribe()
        await until(lambda: metrics.LAYER_RENEWALS._value.get() > before)
        await listener.hears_again()


async def test_renewals_leave_nothing_behind(redis_server: RedisServer) -> None:
    """After fifty: as many tasks, connections, subscriptions and names as before."""
    async with listening(redis_server.url) as listener:
        await listener.hears_again()
        with redis_server.client() as client:
            await until(lambda: bool(listener.member.channel))
            tasks, connections = len(asyncio.all_tasks()), len(client.client_list())
            for _ in range(50):
                channel = listener.member.channel
                listener.member.renew()
                await until(lambda channel=channel: listener.member.channel not in {None, channel})
            await listener.hears_again()
            await until(lambda: (tasks, connections) == (len(asyncio.all_tasks()), len(client.client_list())))
            assert 1 == len(listener.layer.channels) == len(listener.layer.groups)
            assert 2 == len(client.pubsub_channels())


async def test_what_ends_the_receiving_is_an_error_that_is_seen(redis_server: RedisServer) -> None:
    """A message that cannot be taken is counted, and the member comes back for the next one."""
    before = metrics.LAYER_ERRORS._value.get()
    async with listening(redis_server.url) as listener:
        await listener.hears_again()
        await listener.speaker.group_send("a", {"type": "test"})
        await until(lambda: metrics.LAYER_ERRORS._value.get() > before)
        await listener.hears_again()


async def test_in_memory_memberships_are_repeated() -> None:
    """The layer forgets them by the wall clock, which may jump; nothing need be renewed for that."""
    now, heard = 1000.0, []
    layer = InMemoryChannelLayer()
    member = Member(layer, on_message=heard.append, wanted=lambda: frozenset({"a"}), echo=False, clock=lambda: now)
    running = asyncio.create_task(member.run())
    await until(lambda: "a" in layer.groups)
    assert not member.deaf()
    layer.groups.clear()
    now += 10.0
    member.wants_changed()
    await until(lambda: "a" in layer.groups)
    await layer.group_send("a", {"type": "test", "data": 1})
    await until(lambda: bool(heard))
    member.renew()
    channel = member.channel
    await pace(0)
    assert channel == member.channel
    running.cancel()
    await asyncio.wait([running])
    assert member.deaf()


class Swallowing(InMemoryChannelLayer):  # type: ignore[misc]  # channels is untyped
    """A layer that swallows a cancellation while it is flushed, as that of channels_redis does."""

    def __init__(self) -> None:
        super().__init__()
        self.flushing = asyncio.Event()

    async def flush(self) -> None:
        self.flushing.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


async def test_a_member_ends_though_its_cancellation_is_swallowed() -> None:
    """It was told to stop while it came back from an outage; a process that stops waits for it."""
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
