"""A process's one channel in the channel layer: it receives, stays in its groups, and reconnects after every outage.

Four properties of channels_redis shape this code:

- A cancelled receive() unsubscribes, so there is no timeout around it.
- After a failed subscription the layer still lists the membership. So any failure leads to a flush, a new channel and
  all groups again.
- A subscription can end without an error. So a member sends echoes to itself and expects them back.
- flush() swallows a cancellation that arrives while it waits. So a member checks whether it was cancelled.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any, Final

from channels.layers import BaseChannelLayer

from app.observability import metrics

ECHO_S: Final = 0.5  # seconds between two echoes
SILENCE_S: Final = 1.25  # seconds without a message after which the member is disconnected: two echoes may be lost
RETRY_S: Final = 0.25  # seconds between two attempts to reconnect
REPEAT_S: Final = 5.0  # seconds between repeated memberships: the in-memory layer drops them when the wall clock jumps
FLUSH_S: Final = 2.0  # the longest time for the layer to close its connections
LOGGED_CHARACTERS: Final = 200  # of an error
_ECHO: Final = "flotilla.echo"

logger = logging.getLogger(__name__)


class Member:
    """One channel; `channel` is its name, or None while there is none."""

    def __init__(
        self,
        layer: BaseChannelLayer,
        *,
        on_message: Callable[[dict[str, Any]], None],
        wanted: Callable[[], frozenset[str]],
        echo: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Call `on_message` with each message of the `wanted` groups; `echo` is for layers that cross a network."""
        self.channel: str | None = None
        self._layer = layer
        self._on_message = on_message
        self._wanted = wanted
        self._echo = echo
        self._clock = clock
        self._received_at = clock()
        self._echo_sent_at = 0.0
        self._lost = False
        self._changed = asyncio.Event()
        self._stale = False

    def wants_changed(self) -> None:
        """Compare the groups with the wanted ones soon."""
        self._changed.set()

    def renew(self) -> None:
        """Make a new channel with all groups soon, because expected messages do not arrive."""
        if self._echo:
            self._stale = True
            self._changed.set()

    def disconnected(self) -> bool:
        """Return True if this process does not receive from the layer now."""
        return self.channel is None or (self._echo and self._clock() - self._received_at > SILENCE_S)

    async def run(self) -> None:
        """Receive until cancelled, through every failure of the layer."""
        while not _cancelled():
            try:
                await self._receive_until_failure()
            except Exception as error:  # noqa: BLE001  # every layer raises its own errors; all mean that it cannot be reached
                self._report(error)
                await asyncio.sleep(RETRY_S)
        raise asyncio.CancelledError

    async def _receive_until_failure(self) -> None:
        receiver: asyncio.Task[None] | None = None
        try:
            channel = await self._layer.new_channel()
            self._stale = False
            receiver = asyncio.create_task(self._receive(channel))
            await self._keep_groups(channel, receiver)
        finally:
            self.channel = None
            await self._leave(receiver)

    async def _keep_groups(self, channel: str, receiver: "asyncio.Task[None]") -> None:
        """Keep the groups equal to the wanted ones until something fails."""
        joined: frozenset[str] = frozenset()
        repeated_at = self._received_at = self._clock()
        while not (self._stale or receiver.done() or _cancelled()):
            now = self._clock()
            repeat = now - repeated_at >= REPEAT_S
            repeated_at = now if repeat else repeated_at
            self._changed.clear()
            joined = await self._update_groups(channel, joined, repeat=repeat)
            if self._echo and not await self._echo_returns(channel):
                break
            self.channel = channel
            self._recovered()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ECHO_S if self._echo else REPEAT_S):
                    await self._changed.wait()
        if receiver.done():
            receiver.result()  # raises what ended it
        metrics.LAYER_RENEWALS.inc()

    async def _update_groups(self, channel: str, joined: frozenset[str], *, repeat: bool) -> frozenset[str]:
        """Join the new groups, or all with `repeat`, leave those that are not wanted, and return the wanted ones."""
        wanted = self._wanted()
        for group in wanted if repeat else wanted - joined:
            await self._layer.group_add(group, channel)
        for group in joined - wanted:
            await self._layer.group_discard(group, channel)
        return wanted

    async def _echo_returns(self, channel: str) -> bool:
        """Send an echo if one is due; return False if nothing was received for too long."""
        now = self._clock()
        if now - self._echo_sent_at >= ECHO_S / 2:  # not with each call: groups may change a thousand times a second
            self._echo_sent_at = now
            await self._layer.send(channel, {"type": _ECHO})
        return now - self._received_at <= SILENCE_S

    async def _receive(self, channel: str) -> None:
        while True:
            message = await self._layer.receive(channel)
            self._received_at = self._clock()
            if message["type"] != _ECHO:
                self._on_message(message)

    async def _leave(self, receiver: "asyncio.Task[None] | None") -> None:
        if self._echo:
            # Before the cancellation, which would otherwise send an unsubscription to an unreachable Redis.
            # With a timeout: the layer's own receiver may miss its first cancellation, and the timeout repeats it.
            with contextlib.suppress(Exception):
                async with asyncio.timeout(FLUSH_S):
                    await self._layer.flush()
        if receiver is None:
            return
        receiver.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await receiver

    def _report(self, error: Exception) -> None:
        """Count each failure, and log the first one of an outage."""
        metrics.LAYER_ERRORS.inc()
        if not self._lost:
            self._lost = True
            logger.warning("layer_lost", extra={"error": _text(error)})

    def _recovered(self) -> None:
        if self._lost:
            self._lost = False
            logger.warning("layer_back")


def _cancelled() -> bool:
    """Return True if the running task was cancelled, even if a library swallowed the cancellation."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _text(error: Exception) -> str:
    """Return `error` as text, cut because the text of some errors contains the whole client."""
    return f"{type(error).__name__}: {error}"[:LOGGED_CHARACTERS]
