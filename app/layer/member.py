"""A process's one channel in the channel layer: it receives, stays in its groups, and comes back after every outage.

Traps of channels_redis that shape this: a cancelled receive() unsubscribes, so no timeout is put around it; a failed
subscription leaves the layer with a membership that it does not have, so after any failure everything is made anew
(flush, new channel, all groups); a subscription can die silently, so a member says something to itself now and then;
flush() swallows a cancellation that comes while it waits, so a member asks whether it was cancelled.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any, Final

from channels.layers import BaseChannelLayer

from app.observability import metrics

ECHO_S: Final = 0.5  # between two messages to oneself
DEAF_S: Final = 1.25  # without hearing any of them: two may be lost
RETRY_S: Final = 0.25  # between two attempts to come back
REPEAT_S: Final = 5.0  # the in-memory layer forgets a membership after a day of the wall clock, which may jump
FLUSH_S: Final = 2.0  # for the layer to let go of its connections
LOGGED: Final = 200  # characters of an error in the log
_ECHO: Final = "flotilla.echo"

logger = logging.getLogger(__name__)


class Member:
    """One channel. `channel` is None while there is none."""

    def __init__(
        self,
        layer: BaseChannelLayer,
        *,
        on_message: Callable[[dict[str, Any]], None],
        wanted: Callable[[], frozenset[str]],
        echo: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take what to do with a message, and the groups to be in; `echo` for a layer that crosses a network."""
        self.channel: str | None = None
        self._layer = layer
        self._on_message = on_message
        self._wanted = wanted
        self._echo = echo
        self._clock = clock
        self._heard = clock()
        self._echoed_at = 0.0
        self._lost = False
        self._changed = asyncio.Event()
        self._stale = False

    def wants_changed(self) -> None:
        """Look again at which groups are wanted, soon."""
        self._changed.set()

    def renew(self) -> None:
        """Make the channel and its groups anew, soon: something that should come does not."""
        if self._echo:
            self._stale = True
            self._changed.set()

    def disconnected(self) -> bool:
        """Tell whether this process does not hear the layer now."""
        return self.channel is None or (self._echo and self._clock() - self._heard > DEAF_S)

    async def run(self) -> None:
        """Receive until cancelled, whatever happens to the layer."""
        while not _cancelled():
            try:
                await self._be_a_member()
            except Exception as error:  # noqa: BLE001  # every layer raises its own errors; all mean that it cannot be reached
                self._report(error)
                await asyncio.sleep(RETRY_S)
        raise asyncio.CancelledError

    async def _be_a_member(self) -> None:
        receiver: asyncio.Task[None] | None = None
        try:
            channel = await self._layer.new_channel()
            self._stale = False
            receiver = asyncio.create_task(self._receive(channel))
            await self._stay(channel, receiver)
        finally:
            self.channel = None
            await self._leave(receiver)

    async def _stay(self, channel: str, receiver: "asyncio.Task[None]") -> None:
        """Keep the groups right until something is wrong."""
        joined: frozenset[str] = frozenset()
        repeated = self._heard = self._clock()
        while not (self._stale or receiver.done() or _cancelled()):
            now = self._clock()
            again = now - repeated >= REPEAT_S
            repeated = now if again else repeated
            self._changed.clear()
            joined = await self._regrouped(channel, joined, again=again)
            if self._echo and not await self._echoed(channel):
                break
            self.channel = channel
            self._recovered()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ECHO_S if self._echo else REPEAT_S):
                    await self._changed.wait()
        if receiver.done():
            receiver.result()  # raises what ended it
        metrics.LAYER_RENEWALS.inc()

    async def _regrouped(self, channel: str, joined: frozenset[str], *, again: bool) -> frozenset[str]:
        """Be in the groups that are wanted and in no others; say all of them `again` if need be."""
        wanted = self._wanted()
        for group in wanted if again else wanted - joined:
            await self._layer.group_add(group, channel)
        for group in joined - wanted:
            await self._layer.group_discard(group, channel)
        return wanted

    async def _echoed(self, channel: str) -> bool:
        """Say something to oneself, unless that was a moment ago; False if nothing has come back for too long."""
        now = self._clock()
        if now - self._echoed_at >= ECHO_S / 2:  # groups may change a thousand times a second
            self._echoed_at = now
            await self._layer.send(channel, {"type": _ECHO})
        return now - self._heard <= DEAF_S

    async def _receive(self, channel: str) -> None:
        while True:
            message = await self._layer.receive(channel)
            self._heard = self._clock()
            if message["type"] != _ECHO:
                self._on_message(message)

    async def _leave(self, receiver: "asyncio.Task[None] | None") -> None:
        if self._echo:
            # Before the cancellation, which would else ask an unreachable Redis to unsubscribe.
            # In time: the layer's own receiver may miss its first cancellation, and is then cancelled once more.
            with contextlib.suppress(Exception):
                async with asyncio.timeout(FLUSH_S):
                    await self._layer.flush()
        if receiver is None:
            return
        receiver.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await receiver

    def _report(self, error: Exception) -> None:
        """Count each failure, and log the first of an outage."""
        metrics.LAYER_ERRORS.inc()
        if not self._lost:
            self._lost = True
            logger.warning("layer_lost", extra={"error": _told(error)})

    def _recovered(self) -> None:
        if self._lost:
            self._lost = False
            logger.warning("layer_back")


def _cancelled() -> bool:
    """Tell whether the running task was cancelled, though somebody may have swallowed it."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _told(error: Exception) -> str:
    """Return what an operator wants to know of `error`; some name half the client that raised them."""
    return f"{type(error).__name__}: {error}"[:LOGGED]
