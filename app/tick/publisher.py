"""Sends each tick's snapshots and answers into the channel layer, with at most one send in flight.

While a send is in flight, the next frames are skipped and counted. A gateway then only loses a frame, since snapshots
are absolute. Answers are repeated after the next roster.
"""

import asyncio
import logging
from collections.abc import Sequence

from channels.layers import BaseChannelLayer

from app.observability import metrics
from app.tick.lease import Authority
from app.wire import snapshot, uplink
from app.wire.channels import ANSWER_TYPE, FRAME_TYPE, arena_group
from app.wire.formats import FORMAT
from app.wire.snapshot import Snapshot
from app.wire.uplink import Answer

logger = logging.getLogger(__name__)


class Publisher:
    def __init__(self, layer: BaseChannelLayer, authority: Authority) -> None:
        """Send into `layer` while `authority` holds."""
        self._layer = layer
        self._authority = authority
        self._sending: asyncio.Task[None] | None = None

    def publish(
        self, snapshots: Sequence[Snapshot], answers: Sequence[tuple[str, Answer]], version: int = FORMAT
    ) -> None:
        """Send without waiting, or skip while the last send is in flight; snapshots are written in format `version`."""
        if not snapshots and not answers:
            return
        if self._sending is not None and not self._sending.done():
            metrics.PUBLISH_SKIPPED.inc()
            return
        self._sending = asyncio.create_task(self._send(snapshots, answers, version))

    async def _send(self, snapshots: Sequence[Snapshot], answers: Sequence[tuple[str, Answer]], version: int) -> None:
        try:
            for channel, answer in answers:
                if self._authority.held():
                    await self._layer.send(channel, {"type": ANSWER_TYPE, "data": uplink.encode(answer)})
            for shot in snapshots:
                # Checked before each one: if this process was stopped in between, another tick may lead by now.
                if self._authority.held():
                    message = {"type": FRAME_TYPE, "arena": shot.arena, "data": snapshot.encode(shot, version)}
                    await self._layer.group_send(arena_group(shot.arena), message)
        except Exception as error:  # noqa: BLE001  # any failure of the layer costs this frame, never the loop
            metrics.PUBLISH_FAILED.inc()
            logger.debug("publish_failed", extra={"error": repr(error)})
