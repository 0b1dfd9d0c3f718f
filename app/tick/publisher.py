"""Sends each tick's snapshots and answers into the channel layer, one send in flight at most.

If the last send is not done, the frames are skipped and counted: snapshots are absolute, so a gateway loses a frame,
never the thread. Answers are not lost either, since rosters bring them back.
"""

import asyncio
import logging
from collections.abc import Sequence

from channels.layers import BaseChannelLayer

from app.observability import metrics
from app.wire import snapshot, uplink
from app.wire.channels import ANSWER_TYPE, FRAME_TYPE, arena_group
from app.wire.snapshot import Snapshot
from app.wire.uplink import Answer

logger = logging.getLogger(__name__)


class Publisher:
    """The way out of the tick process."""

    def __init__(self, layer: BaseChannelLayer) -> None:
        """Take the channel layer to send into."""
        self._layer = layer
        self._sending: asyncio.Task[None] | None = None

    def publish(self, snapshots: Sequence[Snapshot], answers: Sequence[tuple[str, Answer]]) -> None:
        """Send without waiting, or skip when the last send is still in flight."""
        if not snapshots and not answers:
            return
        if self._sending is not None and not self._sending.done():
            metrics.PUBLISH_SKIPPED.inc()
            return
        self._sending = asyncio.create_task(self._send(snapshots, answers))

    async def _send(self, snapshots: Sequence[Snapshot], answers: Sequence[tuple[str, Answer]]) -> None:
        try:
            for channel, answer in answers:
                await self._layer.send(channel, {"type": ANSWER_TYPE, "data": uplink.encode(answer)})
            for shot in snapshots:
                await self._layer.group_send(
                    arena_group(shot.arena), {"type": FRAME_TYPE, "arena": shot.arena, "data": snapshot.encode(shot)}
                )
        except Exception as error:  # noqa: BLE001  # any failure of the layer costs this frame, never the loop
            metrics.PUBLISH_FAILED.inc()
            logger.warning("publish_failed", extra={"error": repr(error)})
