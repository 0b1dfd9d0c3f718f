"""The way up: who is here and how they steer, said to the tick in half-tick batches, as a state (app.wire.uplink)."""

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from channels.layers import BaseChannelLayer

from app.gateway.helm import Helm
from app.observability import metrics
from app.wire import uplink
from app.wire.channels import BATCH_TYPE, UPLINK_GROUP
from app.wire.outputs import Welcome
from app.wire.uplink import FORMAT, NO_SHIP, Answer, Batch, Berth, Entry

BATCH_PERIOD_S: Final = 0.025  # half a tick: an input waits at most this long before it is on its way
ROSTER_BATCHES: Final = 40  # batches (1 s) after which the whole roster and all inputs are said again

logger = logging.getLogger(__name__)


class Player(Protocol):
    """What the uplink tells the connection of a session."""

    def berthed(self, welcome: Welcome) -> None:
        """The session has a ship, or another one."""

    def world_full(self) -> None:
        """There is no ship for this session."""


@dataclass(slots=True)
class _Member:
    player: Player
    berth: Berth
    helm: Helm


class Uplink:
    """The sessions of this gateway, the ships that they fly, and the inputs not yet sent."""

    def __init__(self) -> None:
        """Start with nobody."""
        self.epoch = 0
        self._name = uuid.uuid4().hex
        self._members: dict[int, _Member] = {}
        self.steers = bytearray()  # rows of STEER since the last batch; all helms append to it
        self._version = 0
        self._roster_due = False
        self._batches_since_roster = 0

    def waiting(self) -> bool:
        """Tell whether a session has no ship yet."""
        return any(member.berth.ship == NO_SHIP for member in self._members.values())

    def join(self, session: int, player: Player, helm: Helm) -> None:
        """Ask for a ship for a new session, whose inputs come by `helm`."""
        self._members[session] = _Member(player, _nowhere(session), helm)
        self._changed()

    def leave(self, session: int) -> None:
        """Give the ship of a session back; unknown sessions are ignored."""
        member = self._members.pop(session, None)
        if member is not None:
            member.helm.ship = b""  # what still comes from that socket steers nobody
            self._changed()

    def receive(self, answer: Answer) -> None:
        """Take in what the tick says; an answer of an older epoch is ignored."""
        if answer.epoch < self.epoch:
            return
        if answer.epoch > self.epoch:
            self._enter(answer.epoch)
        if answer.roster_wanted:
            self._roster_due = True
        for berth in answer.berths:
            self._berth(berth, answer)

    def batch(self, reply: str) -> Batch | None:
        """Return what to say now, or None; `reply` is the channel for answers."""
        self._batches_since_roster += 1
        if self._members and self._batches_since_roster >= ROSTER_BATCHES:
            self._say_all_again()
        if not self._roster_due and not self.steers:
            return None
        roster = self._roster() if self._roster_due else None
        steers = bytes(self.steers)
        self.steers.clear()
        return Batch(FORMAT, self._name, reply, self.epoch, self._version, roster, steers)

    async def run(self, layer: BaseChannelLayer, reply: Callable[[], str | None]) -> None:
        """Send a batch each half tick until cancelled; nothing is sent while there is no reply channel."""
        while True:
            await asyncio.sleep(BATCH_PERIOD_S)
            channel = reply()
            if channel is None:
                self.steers.clear()  # nobody hears them; the newest are said again with the roster
            elif (batch := self.batch(channel)) is not None:
                await self._send(layer, batch)

    async def _send(self, layer: BaseChannelLayer, batch: Batch) -> None:
        try:
            await layer.group_send(UPLINK_GROUP, {"type": BATCH_TYPE, "data": uplink.encode(batch)})
        except Exception as error:  # noqa: BLE001  # any failure of the layer costs this batch; the state is said again
            metrics.UPLINK_FAILED.inc()
            self._roster_due = True
            logger.warning("uplink_failed", extra={"error": repr(error)})

    def _changed(self) -> None:
        self._version += 1
        self._roster_due = True

    def _enter(self, epoch: int) -> None:
        """Begin a new epoch: every ship is to be given anew."""
        self.epoch = epoch
        for session, member in self._members.items():
            member.berth = _nowhere(session)
            member.helm.ship = b""
        self.steers.clear()
        self._changed()

    def _berth(self, berth: Berth, answer: Answer) -> None:
        member = self._members.get(berth.session)
        if member is None:
            return
        if berth.ship == NO_SHIP:
            member.player.world_full()
            return
        if member.berth == berth:
            return
        member.berth = berth
        member.helm.ship = berth.ship.to_bytes(2, "little")
        member.helm.say()
        self._changed()
        member.player.berthed(Welcome(answer.epoch, answer.tick, berth.ship, berth.arena))

    def _say_all_again(self) -> None:
        self._roster_due = True
        for member in self._members.values():
            member.helm.say()

    def _roster(self) -> list[Entry]:
        self._roster_due = False
        self._batches_since_roster = 0
        return [Entry(session, member.berth.ship, member.berth.arena) for session, member in self._members.items()]


def _nowhere(session: int) -> Berth:
    return Berth(session, NO_SHIP, 0)
