"""The relay: the only member of the channel layer in a gateway process, whatever the number of its players.

It is in the groups of the arenas that have local players, and keeps only the newest frame of each: frames that arrived
while the process was busy are superseded, not queued.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from channels.layers import BaseChannelLayer

from app.layer.member import Member
from app.observability import metrics
from app.wire import snapshot, uplink
from app.wire.channels import ANSWER_TYPE, FRAME_TYPE, arena_group
from app.wire.refusal import Refused
from app.wire.snapshot import Snapshot
from app.wire.uplink import Answer


class Relay:
    """Snapshots and answers come in."""

    def __init__(
        self,
        layer: BaseChannelLayer,
        *,
        on_snapshot: Callable[[Snapshot], None],
        on_answer: Callable[[Answer], None],
        wanted: Callable[[], frozenset[int]],
        echo: bool,
    ) -> None:
        """Take what to do with what comes in, and the arenas that are wanted; `echo` if the layer crosses a network."""
        self._on_snapshot = on_snapshot
        self._on_answer = on_answer
        self._wanted = wanted
        self._newest: dict[int, bytes] = {}
        self._seen: dict[int, Snapshot] = {}
        self._member = Member(layer, on_message=self._take, wanted=self._groups, echo=echo)
        self.wants_changed = self._member.wants_changed
        self.renew = self._member.renew
        self.run = self._member.run

    @property
    def channel(self) -> str | None:
        """Where answers reach this process; None while nothing does."""
        return self._member.channel

    def seen(self, version: int) -> list[bytes]:
        """Return the newest snapshot of each arena, in a format that the tick which asks can read."""
        return [snapshot.encode(shot, version) for shot in self._seen.values()]

    def _groups(self) -> frozenset[str]:
        wanted = self._wanted()
        for arena in self._seen.keys() - wanted:
            del self._seen[arena]
        return frozenset(arena_group(arena) for arena in wanted)

    def _take(self, message: dict[str, Any]) -> None:
        try:
            if message["type"] == FRAME_TYPE:
                self._frame(message["arena"], message["data"])
            elif message["type"] == ANSWER_TYPE:
                self._answer(message["data"])
            else:
                metrics.REFUSALS.labels("message_type").inc()  # of a release to come
        except KeyError:
            metrics.REFUSALS.labels("message_shape").inc()

    def _frame(self, arena: int, data: bytes) -> None:
        if arena in self._newest:
            metrics.FRAMES_SKIPPED.labels("superseded").inc()
        elif not self._newest:
            # receive() does not yield while messages are queued, so this runs when all that came in is taken.
            asyncio.get_running_loop().call_soon(self._flush)
        self._newest[arena] = data

    def _flush(self) -> None:
        frames, self._newest = self._newest, {}
        for arena, data in frames.items():
            try:
                shot = snapshot.decode(data)
            except Refused as refused:
                metrics.FRAMES_SKIPPED.labels(f"refused_{refused.reason}").inc()
                continue
            self._seen[arena] = shot
            self._on_snapshot(shot)

    def _answer(self, data: bytes) -> None:
        try:
            self._on_answer(uplink.decode_answer(data))
        except Refused as refused:
            metrics.REFUSALS.labels(f"answer_{refused.reason}").inc()
