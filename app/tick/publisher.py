"""Sends each tick's snapshots and answers into the channel layer, in order.

A gateway can join the deltas of successive ticks, but it needs all of them. So while a send is slow or fails, the next
ticks wait for it, up to a bound. Each arena has a separate queue and does not wait for the others. Answers have one
too; those that are lost are repeated after the next roster.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import Final

from channels.layers import BaseChannelLayer

from app.observability import metrics
from app.tick.lease import Authority
from app.wire import snapshot, uplink
from app.wire.channels import ANSWER_TYPE, FRAME_TYPE, arena_group
from app.wire.formats import FORMAT
from app.wire.snapshot import Snapshot
from app.wire.uplink import Answer

UNSENT_TICKS: Final = 15  # of an arena: a replica that missed more needs a keyframe in any case
UNSENT_BYTES: Final = 8 << 20  # of all arenas: 15 ticks of 20,000 ships have 5 MB
UNSENT_ANSWERS: Final = 1000  # ten for each of a hundred gateways

logger = logging.getLogger(__name__)


class Publisher:
    def __init__(self, layer: BaseChannelLayer, authority: Authority) -> None:
        """Send into `layer` while `authority` holds."""
        self._layer = layer
        self._authority = authority
        self._queues: dict[int, deque[bytes]] = {}  # unsent snapshots, by arena
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._answers: deque[tuple[str, Answer]] = deque(maxlen=UNSENT_ANSWERS)
        self._answering: asyncio.Task[None] | None = None

    def publish(
        self, snapshots: Sequence[Snapshot], answers: Sequence[tuple[str, Answer]], version: int = FORMAT
    ) -> None:
        """Send without waiting; snapshots are written in format `version`."""
        self._answers.extend(answers)
        if self._answers and self._answering is None:
            self._answering = asyncio.create_task(self._answer())
        for shot in snapshots:
            self._queue(shot.arena, snapshot.encode(shot, version))
        for arena in self._queues:
            if arena not in self._sending:
                self._sending[arena] = asyncio.create_task(self._send(arena))

    def idle(self) -> bool:
        """Return True if no send is in flight."""
        return not self._sending and self._answering is None

    def _queue(self, arena: int, data: bytes) -> None:
        """Add the newest tick of an arena. Drop its oldest ones over the bounds, and count them."""
        queue = self._queues.setdefault(arena, deque())
        queue.append(data)
        while len(queue) > UNSENT_TICKS or (len(queue) > 1 and self._unsent_bytes() > UNSENT_BYTES):
            queue.popleft()
            metrics.PUBLISH_SKIPPED.inc()

    def _unsent_bytes(self) -> int:
        return sum(len(data) for queue in self._queues.values() for data in queue)

    async def _send(self, arena: int) -> None:
        """Send the queue of an arena. After a failure the rest waits for the next tick."""
        queue = self._queues[arena]
        try:
            # Checked before each one: if this process was stopped in between, another tick may lead by now.
            while queue and self._authority.held():
                data = queue[0]
                await self._layer.group_send(arena_group(arena), {"type": FRAME_TYPE, "arena": arena, "data": data})
                if queue and queue[0] is data:  # else it was dropped meanwhile
                    queue.popleft()
            queue.clear()
        except Exception as error:  # noqa: BLE001  # any failure of the layer costs time, never the loop
            self._failed(error)
        finally:
            del self._sending[arena]
            if not queue:
                del self._queues[arena]

    async def _answer(self) -> None:
        try:
            while self._answers and self._authority.held():
                channel, answer = self._answers.popleft()
                await self._layer.send(channel, {"type": ANSWER_TYPE, "data": uplink.encode(answer)})
        except Exception as error:  # noqa: BLE001  # any failure of the layer costs answers, never the loop
            self._failed(error)
        finally:
            self._answers.clear()
            self._answering = None

    @staticmethod
    def _failed(error: Exception) -> None:
        metrics.PUBLISH_FAILED.inc()
        logger.debug("publish_failed", extra={"error": repr(error)})
