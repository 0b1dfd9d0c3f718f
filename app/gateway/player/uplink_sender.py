"""Sends the batches of an uplink into the channel layer, one for each tick. A failed send costs its inputs only."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from channels.layers import BaseChannelLayer

from app.gateway.player.alignment import FREE_S
from app.gateway.player.uplink import Uplink
from app.observability import metrics
from app.wire import uplink as wire
from app.wire.channels import BATCH_TYPE, UPLINK_GROUP

logger = logging.getLogger(__name__)


class UplinkSender:
    """Sends into one channel layer."""

    def __init__(
        self,
        uplink: Uplink,
        layer: BaseChannelLayer,
        reply: Callable[[], str | None],
        wait: Callable[[], float] = lambda: FREE_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`reply` returns the channel for answers, or None while no answer could arrive.

        `wait` returns the seconds until the next batch is due.
        """
        self._uplink = uplink
        self._layer = layer
        self._reply = reply
        self._wait = wait
        self._sleep = sleep

    async def run(self) -> None:
        """Send until cancelled. Nothing is sent while there is no reply channel."""
        while True:
            await self._sleep(self._wait())
            channel = self._reply()
            if channel is None:
                metrics.UPLINK_FAILED.inc(bool(self._uplink))
                self._uplink.input_rows.clear()  # the newest inputs are repeated with the roster
            else:
                await self._send(channel)

    async def _send(self, channel: str) -> None:
        batch = self._uplink.batch(channel)
        if batch is None:
            return
        try:
            await self._layer.group_send(UPLINK_GROUP, {"type": BATCH_TYPE, "data": wire.encode(batch)})
        except Exception as error:  # noqa: BLE001  # any failure of the layer costs this batch; the state is repeated
            metrics.UPLINK_FAILED.inc()
            self._uplink.lost(batch)
            logger.debug("uplink_failed", extra={"error": repr(error)})
