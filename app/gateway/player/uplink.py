"""What a gateway sends to the tick: its roster and its inputs, as a state (app.wire.uplink). No I/O.

Rows of inputs come in from the controls of each socket, which append them to `input_rows`. The uplink only reads those
controls. `UplinkSender` takes a batch for each tick.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from app.gateway.player import ticket
from app.gateway.player.controls import Controls
from app.gateway.player.ticket import Ticket
from app.wire import formats, uplink
from app.wire.outputs import Welcome
from app.wire.uplink import BERTHED, ENTRY, NO_PLAYER, NO_SHIP, SUPERSEDED, Answer, Batch

GREETING_S: Final = 0.05  # between two greetings while players wait
ROSTER_S: Final = 1.0  # between two repetitions of the whole roster and all inputs
FORGET_S: Final = 2.0  # without a message of any tick; after that, the next tick may be of another release
FIRST_ANSWER_S: Final = 0.25  # the same for the first player of a gateway that was empty; a tick takes 0.1 s at most
ANONYMOUS: Final = Ticket(NO_PLAYER)


class Player(Protocol):
    """The connection of a session, as the uplink uses it."""

    controls: Controls
    """Read when all inputs are repeated, never changed."""

    def ship_assigned(self, welcome: Welcome) -> None:
        """Handle the ship of the session, its first or another one."""

    def world_full(self) -> None:
        """Handle that there is no ship for this session."""

    def superseded(self) -> None:
        """Handle that a newer connection of the same player has the ship."""


@dataclass(slots=True)
class _Member:
    player: Player
    entry: tuple[int, int, int, int, int]  # a row of ENTRY
    row: bytes  # the same, encoded

    @property
    def waiting(self) -> bool:
        return self.entry[3] == NO_SHIP

    def place(self, generation: int, ship: int, arena: int) -> None:
        session, player, *_ = self.entry
        self.entry = (session, player, generation, ship, arena)
        self.row = _row(*self.entry)


class Uplink:
    """The sessions of this gateway, their ships, and the inputs not yet sent."""

    def __init__(
        self, seen: Callable[[int], list[bytes]] = lambda _version: [], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start empty. `seen` returns the newest snapshot of each arena in the given format."""
        self.epoch = 0
        self.input_rows = bytearray()  # rows of STEER since the last batch
        self._seen = seen
        self._clock = clock
        self._name = uuid.uuid4().hex
        self._members: dict[int, _Member] = {}
        self._version = 0
        self._format: int | None = None  # the format to write; None: not known, only greetings are sent
        self._greeted_in = formats.FORMAT
        self._tick_seen_at = clock()
        self._roster_due = False
        self._seen_due = False
        self._roster_sent_at = clock()

    def __len__(self) -> int:
        return len(self._members)

    def waiting(self) -> bool:
        """Return True if a session has no ship yet."""
        return any(member.waiting for member in self._members.values())

    def join(self, session: int, player: Player, who: Ticket = ANONYMOUS) -> None:
        """Request a ship for a new session."""
        entry = (session, who.player, who.generation, NO_SHIP, 0)
        self._members[session] = _Member(player, entry, _row(*entry))
        self._changed()

    def leave(self, session: int) -> None:
        """Remove a session. Unknown sessions are ignored."""
        if self._members.pop(session, None) is not None:
            self._changed()

    def note_epoch(self, epoch: int) -> bool:
        """Record a message of the tick of `epoch`. Return False if that epoch is older than the newest."""
        if epoch < self.epoch:
            return False
        self._tick_seen_at = self._clock()
        if epoch > self.epoch:
            self.epoch = epoch
            self._format = None  # its tick may be of another release; after its answer, everything is sent again
        return True

    def receive(self, answer: Answer) -> None:
        """Apply an answer of the tick. An answer of an older epoch is ignored."""
        if not self.note_epoch(answer.epoch):
            return
        if self._format != formats.common(answer.reads):
            self._format = formats.common(answer.reads)
            self._repeat_all()  # inputs too: they were not sent with the greetings
        if answer.roster_wanted:
            self._roster_due = self._seen_due = True
        for session, generation, ship, arena, verdict in uplink.berths(answer).tolist():
            member = self._members.get(session)
            if member is not None:
                self._decide(member, verdict, (generation, ship, arena), answer)

    def batch(self, reply: str) -> Batch | None:
        """Return the batch that is due now, or None. `reply` is the channel for answers."""
        now = self._clock()
        if not self._members:  # no answer is expected; the first player's roster must be answered soon
            self._tick_seen_at = now - FORGET_S + FIRST_ANSWER_S
        if not self._members and not self._roster_due and self.epoch:
            return None  # a gateway that never met a tick greets, to learn that there is one
        if now - self._tick_seen_at > FORGET_S:
            self._format = None
        if self._format is None:
            return self._greeting(reply, now)
        if now - self._roster_sent_at >= ROSTER_S:
            self._repeat_all()
        if not self._roster_due and not self.input_rows:
            return None
        roster, seen = None, []
        if self._roster_due:
            roster = b"".join(member.row for member in self._members.values())
            seen = self._seen(self._format) if self._seen_due else []
            self._roster_due = self._seen_due = False
            self._roster_sent_at = now
        rows = bytes(self.input_rows)
        self.input_rows.clear()
        return Batch(self._format, self._name, reply, self.epoch, self._version, roster, rows, seen)

    def lost(self, batch: Batch) -> None:
        """Send with the next batch what was in one that could not be sent, except its inputs."""
        self._roster_due = True
        self._seen_due = self._seen_due or bool(batch.seen)

    def _greeting(self, reply: str, now: float) -> Batch | None:
        """Return a batch that any tick answers, with the formats that this gateway reads.

        It alternates between both formats: the previous release reads only the older one, the next one only the newer.
        """
        self.input_rows.clear()
        if now - self._roster_sent_at < (GREETING_S if self._members else ROSTER_S):
            return None
        self._roster_sent_at = now
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
            self._changed()
            player = member.entry[1]
            carried = ticket.encode(Ticket(player, generation)) if player != NO_PLAYER else b""
            member.player.ship_assigned(Welcome(answer.epoch, answer.tick, ship, arena, carried))

    def _repeat_all(self) -> None:
        """Let the next batch have the whole roster and the newest input of each ship."""
        self._roster_due = True
        for member in self._members.values():
            self.input_rows += member.player.controls.row()


def _row(session: int, player: int, generation: int, ship: int, arena: int) -> bytes:
    return b"".join(
        value.to_bytes(ENTRY[i].itemsize, "little")
        for i, value in enumerate((session, player, generation, ship, arena))
    )
