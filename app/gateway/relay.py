"""The relay: the only member of the channel layer in a gateway process, whatever the number of its players.

It is subscribed to the arenas that have local players, and keeps only the newest frame of each: frames that arrived
while the process was busy are superseded, not queued.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from channels.layers import BaseChannelLayer

from app.observability import metrics
from app.wire import snapshot, uplink
from app.wire.channels import FRAME_TYPE, GROUP_REFRESH_S, arena_group
from app.wire.refusal import Refused
from app.wire.snapshot import Snapshot
from app.wire.uplink import Answer

logger = logging.getLogger(__name__)


class Relay:
    """One channel of the channel layer: snapshots and answers come in."""

    def __init__(
        self,
        layer: BaseChannelLayer,
        *,
        on_snapshot: Callable[[Snapshot], None],
        on_answer: Callable[[Answer], None],
        wanted: Callable[[], frozenset[int]],
    ) -> None:
        """Take what to do with what comes in, and which arenas are wanted."""
        self.channel: str | None = None
        self._layer = layer
        self._on_snapshot = on_snapshot
        self._on_answer = on_answer
        self._wanted = wanted
        self._joined: frozenset[int] = frozenset()
        self._wants_changed = asyncio.Event()
        self._newest: dict[int, bytes] = {}

    def wants_changed(self) -> None:
        """Look again at which arenas are wanted, soon."""
        self._wants_changed.set()

    async def run(self) -> None:
        """Receive until cancelled."""
        self.channel = await self._layer.new_channel()
        subscriber = asyncio.create_task(self._keep_subscribed(self.channel))
        try:
            while True:
                self._take(await self._layer.receive(self.channel))
        finally:
            subscriber.cancel()
            self.channel = None

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] != FRAME_TYPE:
            self._answer(message["data"])
            return
        arena = message["arena"]
        if arena in self._newest:
            metrics.FRAMES_SKIPPED.labels("superseded").inc()
        elif not self._newest:
            # receive() does not yield while messages are queued, so this runs when all that came in is taken.
            asyncio.get_running_loop().call_soon(self._flush)
        self._newest[arena] = message["data"]

    def _flush(self) -> None:
        frames, self._newest = self._newest, {}
        for data in frames.values():
            try:
                self._on_snapshot(snapshot.decode(data))
            except Refused as refused:
                metrics.FRAMES_SKIPPED.labels(f"refused_{refused.reason}").inc()

    def _answer(self, data: bytes) -> None:
        try:
            self._on_answer(uplink.decode_answer(data))
        except Refused as refused:
            metrics.REFUSALS.labels(f"answer_{refused.reason}").inc()

    async def _keep_subscribed(self, channel: str) -> None:
        while True:
            try:
                await asyncio.wait_for(self._wants_changed.wait(), GROUP_REFRESH_S)
            except TimeoutError:
                self._joined = frozenset()  # repeat every membership
            self._wants_changed.clear()
            await self._subscribe(channel, self._wanted())

    async def _subscribe(self, channel: str, wanted: frozenset[int]) -> None:
        for arena in wanted - self._joined:
            await self._layer.group_add(arena_group(arena), channel)
        for arena in self._joined - wanted:
            await self._layer.group_discard(arena_group(arena), channel)
        self._joined = wanted
