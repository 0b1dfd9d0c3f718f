"""The lease: who may let the world move. One holder at a time, by the clock of Redis; the epoch only ever grows.

A holder that could not renew in time falls silent by its own clock, before Redis gives the lease to another. Whoever
acquires it gets an epoch above all that Redis, it itself or any gateway has seen.
"""

import logging
import time
import uuid
from collections.abc import Callable
from typing import Any, Final, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.observability import metrics
from app.wire.checkpoint import HEAD_BYTES

TTL_S: Final = 2.0  # how long the lease outlives its holder: what a successor waits at most
RENEW_S: Final = 0.5  # between renewals: three may fail
MARGIN_S: Final = 0.1  # silence before the lease ends: more than two clocks drift apart in a TTL

# KEYS: lease, epoch. ARGV: holder, TTL in ms, an epoch that the new one must exceed.
_ACQUIRE: Final = """
if redis.call('EXISTS', KEYS[1]) == 1 then return {0, 0} end
local before = tonumber(redis.call('GET', KEYS[2]) or '0')
local epoch = math.max(before, tonumber(ARGV[3])) + 1
redis.call('SET', KEYS[2], string.format('%d', epoch))
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {epoch, before}
"""

# KEYS: lease. ARGV: holder, TTL in ms.
_RENEW: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""

# KEYS: lease. ARGV: holder.
_RELEASE: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""

# KEYS: epoch, checkpoint. ARGV: the holder's epoch, the checkpoint. Without expiry, lest Redis evict it as volatile: an
# old world does no harm, since its ships leave when nobody claims them.
_SAVE: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
return 1
"""

logger = logging.getLogger(__name__)


class Authority(Protocol):
    """What lets a tick process speak for the world."""

    epoch: int

    def held(self) -> bool:
        """Tell whether this process may speak now, by its own clock."""


class Always:
    """The authority of a process that has the world to itself."""

    def __init__(self, epoch: int) -> None:
        """Take the epoch."""
        self.epoch = epoch

    def held(self) -> bool:
        """Tell that it may."""
        return True


class Lease:
    """The lease in Redis, as this process knows it. Every call that reaches Redis raises RedisError or OSError."""

    def __init__(self, redis: "Redis", prefix: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Take a client with short timeouts, the prefix of the keys, and a clock that no SIGSTOP stops."""
        self.epoch = 0
        self.before = 0  # the epoch before that, as Redis knew it; 0 if it knew none
        self._clock = clock
        self._until = 0.0
        self._name = uuid.uuid4().hex
        self._holder = ""
        self._keys = {name: f"{{{prefix}}}:{name}" for name in ("lease", "epoch", "checkpoint")}
        self._redis = redis
        self._acquire: Any = redis.register_script(_ACQUIRE)
        self._renew: Any = redis.register_script(_RENEW)
        self._release: Any = redis.register_script(_RELEASE)
        self._save: Any = redis.register_script(_SAVE)

    def held(self) -> bool:
        """Tell whether this process may speak now: it never may again after a pause, before it has asked Redis."""
        return self._clock() < self._until

    async def acquire(self, above: int) -> bool:
        """Try to get the lease, with an epoch greater than `above`; False if another process has it."""
        asked = self._clock()
        holder = f"{self._name}:{asked}"  # a new one each time: an answer that was lost must not count later
        above = max(above, self.epoch)
        keys = [self._keys["lease"], self._keys["epoch"]]
        epoch, before = await self._acquire(keys=keys, args=[holder, int(TTL_S * 1000), above])
        if not epoch:
            return False
        self.epoch, self.before, self._holder = epoch, before, holder
        self._until = asked + TTL_S - MARGIN_S
        metrics.LEASE_EPOCH.set(epoch)
        return True

    async def renew(self) -> bool:
        """Prolong it; False if it is lost."""
        asked = self._clock()
        if not await self._renew(keys=[self._keys["lease"]], args=[self._holder, int(TTL_S * 1000)]):
            self._until = 0.0
            return False
        self._until = asked + TTL_S - MARGIN_S  # also after a silence: Redis gave it to nobody meanwhile
        return True

    async def release(self) -> None:
        """Give it back, so that a successor need not wait."""
        self._until = 0.0
        await self._release(keys=[self._keys["lease"]], args=[self._holder])

    async def save(self, checkpoint: bytes) -> bool:
        """Keep a checkpoint; False, and nothing is kept, if there is a newer epoch by now."""
        keys = [self._keys["epoch"], self._keys["checkpoint"]]
        return bool(await self._save(keys=keys, args=[self.epoch, checkpoint]))

    async def load(self) -> bytes | None:
        """Return the checkpoint that is kept, if any."""
        kept: Any = await self._redis.get(self._keys["checkpoint"])
        return None if kept is None else bytes(kept)

    async def head(self) -> bytes:
        """Return the first bytes of the checkpoint, which tell whether it can be read; empty if there is none."""
        head: Any = await self._redis.getrange(self._keys["checkpoint"], 0, HEAD_BYTES - 1)
        return bytes(head)

    async def known(self) -> bool:
        """Tell whether this Redis has ever seen a holder: if not, somebody else may still have the world."""
        return bool(await self._redis.exists(self._keys["epoch"]))


UNREACHABLE: Final = (RedisError, OSError, TimeoutError)
"""What a call raises when Redis does not answer."""
