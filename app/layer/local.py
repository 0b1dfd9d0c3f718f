"""The channel layer within one process: a message is in the receiver's queue when `send` returns.

Channels' own in-memory layer starts a task for each receiver of a group and waits for all of them. In a busy event loop
each of these steps waits behind all inputs that arrived meanwhile, so frames and inputs would come late.
"""

import asyncio
import time
from typing import Any, Final

from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer

from app.observability import metrics

# Messages that may wait in one channel: 15 ticks of 100 arenas, which is as many ticks as one delta chain can join.
CAPACITY: Final = 1500


class LocalChannelLayer(InMemoryChannelLayer):  # type: ignore[misc]  # channels is untyped
    """Delivers without a turn of the event loop. Receivers share the message and must not change it."""

    def __init__(self) -> None:
        super().__init__(capacity=CAPACITY)

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Put `message` into the queue of `channel`. Raises ChannelFull."""
        self._put(channel, message)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Put `message` into the queue of every channel of `group`. A full channel is counted and gets nothing."""
        self._clean_expired()
        for channel in list(self.groups.get(group, ())):
            try:
                self._put(channel, message)
            except ChannelFull:
                metrics.LAYER_FULL.inc()

    def _put(self, channel: str, message: dict[str, Any]) -> None:
        queue = self.channels.setdefault(channel, asyncio.Queue(maxsize=self.get_capacity(channel)))
        try:
            queue.put_nowait((time.time() + self.expiry, message))
        except asyncio.QueueFull:
            raise ChannelFull(channel) from None
