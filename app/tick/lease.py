"""The lease in Redis: at most one process holds it and moves the world, and every holder gets a greater epoch.

A holder that could not renew in time stops by its own clock, before Redis gives the lease to another process. A new
holder gets an epoch above all that Redis, this process or any gateway has seen.
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

TTL_S: Final = 2.0  # seconds until the lease of a dead holder ends: the longest wait of a successor
RENEW_S: Final = 0.5  # seconds between renewals: three may fail
MARGIN_S: Final = 0.1  # seconds before its end in which a holder does not use it: more than clocks drift apart in a TTL

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

# KEYS: epoch, checkpoint. ARGV: the holder's epoch, the checkpoint. It has no expiry, because Redis may evict keys that
# have one. An old world does no harm: its ships leave when no gateway claims them.
_SAVE: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
return 1
"""

logger = logging.getLogger(__name__)


class Authority(Protocol):
    """The right to move and publish the world."""

    epoch: int

    def held(self) -> bool:
        """Return True if this process may publish now, by its own clock."""


class Always:
    """The authority of a process that is the only tick."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def held(self) -> bool:
        return True


class Lease:
    """The lease from the view of one process. Every call to Redis raises an error of UNREACHABLE if it fails."""

    def __init__(self, redis: "Redis", prefix: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Use a client with short timeouts, keys with `prefix`, and a clock that goes on during a SIGSTOP."""
        self.epoch = 0
        self.previous_epoch = 0  # the one in Redis before this holder's; 0 if there was none
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
        """Return True if this process may publish now; after a pause of the process only a renewal makes it True."""
        return self._clock() < self._until

    async def acquire(self, above: int) -> bool:
        """Try to get the lease, with an epoch greater than `above`; False if it is held already."""
        requested_at = self._clock()
        holder = f"{self._name}:{requested_at}"  # a new one each time: a lease whose answer was lost must not count
        above = max(above, self.epoch)
        keys = [self._keys["lease"], self._keys["epoch"]]
        epoch, previous = await self._acquire(keys=keys, args=[holder, int(TTL_S * 1000), above])
        if not epoch:
            return False
        self.epoch, self.previous_epoch, self._holder = epoch, previous, holder
        self._until = requested_at + TTL_S - MARGIN_S
        metrics.LEASE_EPOCH.set(epoch)
        return True

    async def renew(self) -> bool:
        """Extend the lease; False if it is lost."""
        requested_at = self._clock()
        if not await self._renew(keys=[self._keys["lease"]], args=[self._holder, int(TTL_S * 1000)]):
            self._until = 0.0
            return False
        self._until = requested_at + TTL_S - MARGIN_S  # also after a pause: no other process had it meanwhile
        return True

    async def release(self) -> None:
        """Give the lease back, so that a successor need not wait."""
        self._until = 0.0
        await self._release(keys=[self._keys["lease"]], args=[self._holder])

    async def save(self, checkpoint: bytes) -> bool:
        """Store a checkpoint; return False, and store nothing, if Redis has another epoch."""
        keys = [self._keys["epoch"], self._keys["checkpoint"]]
        return bool(await self._save(keys=keys, args=[self.epoch, checkpoint]))

    async def load(self) -> bytes | None:
        """Return the stored checkpoint, if any."""
        kept: Any = await self._redis.get(self._keys["checkpoint"])
        return None if kept is None else bytes(kept)

    async def head(self) -> bytes:
        """Return the first HEAD_BYTES of the checkpoint, which decide if it can be read; empty if there is none."""
        head: Any = await self._redis.getrange(self._keys["checkpoint"], 0, HEAD_BYTES - 1)
        return bytes(head)

    async def had_holder(self) -> bool:
        """Return True if this Redis ever had a holder; if not, another process may still have a world in memory."""
        return bool(await self._redis.exists(self._keys["epoch"]))


UNREACHABLE: Final = (RedisError, OSError, TimeoutError)
"""The errors of a call to which Redis does not answer."""
