"""The way up: who is here and how they steer, said to the tick in half-tick batches, as a state (app.wire.uplink)."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from channels.layers import BaseChannelLayer

from app.gateway.player import ticket
from app.gateway.player.controls import Helm
from app.gateway.player.ticket import Ticket
from app.observability import metrics
from app.wire import formats, uplink
from app.wire.channels import BATCH_TYPE, UPLINK_GROUP
from app.wire.outputs import Welcome
from app.wire.uplink import BERTHED, ENTRY, NO_PLAYER, NO_SHIP, SUPERSEDED, Answer, Batch

BATCH_PERIOD_S: Final = 0.025  # half a tick: an input waits at most this long before it is on its way
ROSTER_S: Final = 1.0  # after which the whole roster and all inputs are said again
FORGET_S: Final = 2.0  # without a word of any tick, after which the next one may be of another release
FIRST_ANSWER_S: Final = 0.25  # likewise for the first player of a gateway that was empty; a tick takes 0.1 s at most
ANONYMOUS: Final = Ticket(NO_PLAYER)

logger = logging.getLogger(__name__)


class Player(Protocol):
    """What the uplink tells the connection of a session."""

    def berthed(self, welcome: Welcome) -> None:
        """The session has a ship, or another one."""

    def world_full(self) -> None:
        """There is no ship for this session."""

    def superseded(self) -> None:
        """A newer connection of the same player has the ship."""


@dataclass(slots=True)
class _Member:
    player: Player
    helm: Helm
    entry: tuple[int, int, int, int, int]  # a row of ENTRY
    row: bytes  # the same as it travels

    @property
    def waiting(self) -> bool:
        return self.entry[3] == NO_SHIP

    def place(self, generation: int, ship: int, arena: int) -> None:
        session, player, *_ = self.entry
        self.entry = (session, player, generation, ship, arena)
        self.row = _row(*self.entry)


class Uplink:
    """The sessions of this gateway, the ships that they fly, and the inputs not yet sent."""

    def __init__(
        self, seen: Callable[[int], list[bytes]] = lambda _version: [], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start with nobody; `seen` gives the newest snapshot of each arena in the format asked for."""
        self.epoch = 0
        self.steers = bytearray()  # rows of STEER since the last batch; all helms append to it
        self._seen = seen
        self._clock = clock
        self._name = uuid.uuid4().hex
        self._members: dict[int, _Member] = {}
        self._version = 0
        self._format: int | None = None  # what the tick reads; None: not known, and nothing but a greeting is said
        self._greeted_in = formats.FORMAT
        self._heard_at = clock()
        self._roster_due = False
        self._seen_due = False
        self._said_at = clock()

    def waiting(self) -> bool:
        """Tell whether a session has no ship yet."""
        return any(member.waiting for member in self._members.values())

    def join(self, session: int, player: Player, helm: Helm, who: Ticket = ANONYMOUS) -> None:
        """Ask for a ship for a new session, whose inputs come by `helm`."""
        entry = (session, who.player, who.generation, NO_SHIP, 0)
        self._members[session] = _Member(player, helm, entry, _row(*entry))
        self._changed()

    def leave(self, session: int) -> None:
        """Let a session go; unknown ones are ignored."""
        member = self._members.pop(session, None)
        if member is not None:
            member.helm.ship = b""  # what still comes from that socket steers nobody
            self._changed()

    def hear(self, epoch: int) -> bool:
        """Note a word of the tick of `epoch`; False if a newer one has spoken before."""
        if epoch < self.epoch:
            return False
        self._heard_at = self._clock()
        if epoch > self.epoch:
            self.epoch = epoch
            self._format = None  # its tick may be of another release; when it is answered, all is said again
        return True

    def receive(self, answer: Answer) -> None:
        """Take in what the tick says; an answer of an older epoch is ignored."""
        if not self.hear(answer.epoch):
            return
        if self._format != formats.common(answer.reads):
            self._format = formats.common(answer.reads)
            self._say_all_again()  # inputs too: those of the time of the greetings were not said
        if answer.roster_wanted:
            self._roster_due = self._seen_due = True
        for session, generation, ship, arena, verdict in uplink.berths(answer).tolist():
            member = self._members.get(session)
            if member is not None:
                self._decide(member, verdict, (generation, ship, arena), answer)

    def batch(self, reply: str) -> Batch | None:
        """Return what to say now, or None; `reply` is the channel for answers."""
        now = self._clock()
        if not self._members:  # nobody to speak of, and so nothing to be answered; who comes next is, soon
            self._heard_at = now - FORGET_S + FIRST_ANSWER_S
        if not self._members and not self._roster_due and self.epoch:
            return None  # but who has never heard of a tick greets, to learn that there is one
        if now - self._heard_at > FORGET_S:
            self._format = None
        if self._format is None:
            return self._greeting(reply, now)
        if now - self._said_at >= ROSTER_S:
            self._say_all_again()
        if not self._roster_due and not self.steers:
            return None
        roster, seen = None, []
        if self._roster_due:
            roster = b"".join(member.row for member in self._members.values())
            seen = self._seen(self._format) if self._seen_due else []
            self._roster_due = self._seen_due = False
            self._said_at = now
        steers = bytes(self.steers)
        self.steers.clear()
        return Batch(self._format, self._name, reply, self.epoch, self._version, roster, steers, seen)

    async def run(self, layer: BaseChannelLayer, reply: Callable[[], str | None]) -> None:
        """Send a batch each half tick until cancelled; nothing is sent while there is no reply channel."""
        while True:
            await asyncio.sleep(BATCH_PERIOD_S)
            channel = reply()
            if channel is None:
                metrics.UPLINK_FAILED.inc(bool(self._members))
                self.steers.clear()  # nobody hears them; the newest are said again with the roster
            elif (batch := self.batch(channel)) is not None:
                await self._send(layer, batch)

    async def _send(self, layer: BaseChannelLayer, batch: Batch) -> None:
        try:
            await layer.group_send(UPLINK_GROUP, {"type": BATCH_TYPE, "data": uplink.encode(batch)})
        except Exception as error:  # noqa: BLE001  # any failure of the layer costs this batch; the state is said again
            metrics.UPLINK_FAILED.inc()
            self._roster_due = True
            self._seen_due = self._seen_due or bool(batch.seen)
            logger.debug("uplink_failed", extra={"error": repr(error)})

    def _greeting(self, reply: str, now: float) -> Batch | None:
        """Return what any tick answers: that this gateway is here, and what it reads.

        In both formats by turns: the release before reads only the older, the next one only the newer of them.
        """
        self.steers.clear()
        if now - self._said_at < (BATCH_PERIOD_S * 2 if self._members else ROSTER_S):
            return None
        self._said_at = now
        self._greeted_in = formats.PREVIOUS if self._greeted_in == formats.FORMAT else formats.FORMAT
        return Batch(self._greeted_in, self._name, reply, self.epoch, 0, None, b"")

    def _changed(self) -> None:
        self._version += 1
        self._roster_due = True

    def _decide(self, member: _Member, verdict: int, berth: tuple[int, int, int], answer: Answer) -> None:
        if verdict == SUPERSEDED:
            member.player.superseded()
        elif verdict != BERTHED:
            member.player.world_full()
        elif member.entry[2:] != berth:
            generation, ship, arena = berth
            member.place(generation, ship, arena)
            member.helm.ship = ship.to_bytes(2, "little")
            member.helm.say()
            self._changed()
            player = member.entry[1]
            carried = ticket.encode(Ticket(player, generation)) if player != NO_PLAYER else b""
            member.player.berthed(Welcome(answer.epoch, answer.tick, ship, arena, carried))

    def _say_all_again(self) -> None:
        self._roster_due = True
        for member in self._members.values():
            member.helm.say()


def _row(session: int, player: int, generation: int, ship: int, arena: int) -> bytes:
    return b"".join(
        value.to_bytes(ENTRY[i].itemsize, "little")
        for i, value in enumerate((session, player, generation, ship, arena))
    )
