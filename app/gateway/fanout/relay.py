"""The relay: the only member of the channel layer in a gateway process, for any number of players.

It joins the groups of the arenas that have local players. All ticks that arrived while the process was busy are passed
on together and in order, because a replica needs every one.
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
    def __init__(
        self,
        layer: BaseChannelLayer,
        *,
        on_snapshots: Callable[[list[Snapshot]], None],
        on_answer: Callable[[Answer], None],
        wanted: Callable[[], frozenset[int]],
        echo: bool,
    ) -> None:
        """`wanted` returns the arenas to receive. `echo`: the layer crosses a network and must be monitored."""
        self._on_snapshots = on_snapshots
        self._on_answer = on_answer
        self._wanted = wanted
        self._arrived: list[bytes] = []
        self._seen: dict[int, Snapshot] = {}
        self._member = Member(layer, on_message=self.receive, wanted=self._groups, echo=echo)
        self.wants_changed = self._member.wants_changed
        self.renew = self._member.renew
        self.run = self._member.run

    @property
    def channel(self) -> str | None:
        """The channel on which this process receives answers; None while it receives nothing."""
        return self._member.channel

    def seen(self, version: int) -> list[bytes]:
        """Return the newest snapshot of each arena, encoded in the given format."""
        return [snapshot.encode(shot, version) for shot in self._seen.values()]

    def receive(self, message: dict[str, Any]) -> None:
        """Take one message of the channel layer; frames are passed on in the next turn of the loop."""
        try:
            if message["type"] == FRAME_TYPE:
                self._frame(message["data"])
            elif message["type"] == ANSWER_TYPE:
                self._answer(message["data"])
            else:
                metrics.REFUSALS.labels("message_type").inc()  # of a later release
        except KeyError:
            metrics.REFUSALS.labels("message_shape").inc()

    def _groups(self) -> frozenset[str]:
        wanted = self._wanted()
        for arena in self._seen.keys() - wanted:
            del self._seen[arena]
        return frozenset(arena_group(arena) for arena in wanted)

    def _frame(self, data: bytes) -> None:
        if not self._arrived:
            # receive() does not yield while messages are queued, so this runs when all that came in is taken.
            asyncio.get_running_loop().call_soon(self._flush)
        self._arrived.append(data)

    def _flush(self) -> None:
        arrived, self._arrived = self._arrived, []
        shots: list[Snapshot] = []
        for data in arrived:
            try:
                shots.append(snapshot.decode(data))
            except Refused as refused:
                metrics.FRAMES_SKIPPED.labels(f"refused_{refused.reason}").inc()
        for shot in shots:
            self._seen[shot.arena] = shot
        self._on_snapshots(shots)

    def _answer(self, data: bytes) -> None:
        try:
            self._on_answer(uplink.decode_answer(data))
        except Refused as refused:
            metrics.REFUSALS.labels(f"answer_{refused.reason}").inc()
