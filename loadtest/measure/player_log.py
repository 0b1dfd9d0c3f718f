"""What one player saw. All times count from the moment at which the schedule wanted the player, so waiting counts."""

from typing import Final

from picows import WSUpgradeResponse

from loadtest.measure import result
from loadtest.measure.durations import Durations
from loadtest.measure.sampled_player import Clock, DecodeQueue, SampledPlayer
from loadtest.measure.totals import Totals
from loadtest.players.door import TIMEOUT, DoorError
from loadtest.players.observer import Observer
from loadtest.players.people import TICK_S

JOIN_S: Final = 10.0  # a player without a frame after this time has not joined, even if a frame comes later
UNDECIDED_S: Final = 1.0  # a player that waited less than this when the test ends has neither joined nor failed
LATE_S: Final = 0.06  # a gap that is open at the end counts if it is longer
CLOSED: Final = "closed"  # a kind of failed join beside the kinds of the door: a close before the first frame


class PlayerLog(Observer):
    """The record of one player; moments are times of `clock`."""

    def __init__(
        self, number: int, due: float, totals: Totals, clock: Clock, sampled: SampledPlayer | None, queue: DecodeQueue
    ) -> None:
        """Start before the player connects. `due` is a moment; frames of a sampled player go to `queue`."""
        self.number = number
        self.due = due
        self.failed = False
        self.joined = False
        self.reconnects = 0
        self.bytes = 0
        self._totals = totals
        self._clock = clock
        self._sampled = sampled
        self._queue = queue
        self._handshake: float | None = None
        self._first_frame: float | None = None
        self._frames = 0
        self._gaps = Durations()
        self._longest = 0.0
        self._last_frame = 0.0
        self._closes: list[int] = []

    def connected(self, response: WSUpgradeResponse) -> None:  # noqa: ARG002  # its headers do not matter
        if self._handshake is None:
            self._handshake = self._clock() - self.due
            self._totals.whole["handshake"].add(self._handshake)
        else:
            self.reconnects += 1
            self._totals.reconnects_now += 1
        if self._sampled is not None:
            self._sampled.connected()

    def refused(self, error: DoorError) -> None:
        self._totals.refusals[error.status] += 1
        if not self.joined:
            self.fail(error.kind)

    def closed(self, code: int) -> None:
        self._closes.append(code)
        self._totals.closes[code] += 1
        self._totals.closes_now += 1
        if not self.joined:
            self.fail(CLOSED)

    def received(self, size: int) -> None:
        self.bytes += size

    def sent(self, size: int) -> None:
        self._totals.bytes_sent += size

    def framed(self, data: bytes, epoch: int, tick: int) -> bool:
        now = self._clock()
        self._frames += 1
        self._totals.frames += 1
        if self.joined:
            self._add_gap(now - self._last_frame)
        else:
            self._join(now - self.due)
        self._last_frame = now
        if self._sampled is not None:
            self._queue.put(self._sampled, data, epoch, tick, now)
        return False

    def named(self, name: str) -> None:
        if self._sampled is not None:
            self._sampled.named(name)

    def steered(self, sequence: int, heading: int) -> None:
        if self._sampled is not None:
            self._sampled.steered(sequence, heading)

    def misfitted(self) -> None:
        self._totals.decode_errors += 1

    undecodable = misfitted

    def check(self, now: float) -> None:
        """Fail a join that takes too long."""
        if not self.joined and now - self.due > JOIN_S:
            self.fail(TIMEOUT)

    def fail(self, kind: str) -> None:
        """Record a failed join; only its first reason counts."""
        if not self.failed:
            self.failed = True
            self._totals.errors[kind] += 1
            self._totals.failures += 1

    def end(self, now: float) -> None:
        """Close the join or the gap that is open when the player's time ends."""
        if not self.joined:
            if now - self.due > UNDECIDED_S:
                self.fail(TIMEOUT)
        elif now - self._last_frame > LATE_S:
            self._add_gap(now - self._last_frame)

    def row(self, begun: float) -> result.Player:
        """Return the record; `begun` is the moment at which the test began."""
        return result.Player(
            number=self.number,
            due_s=round(self.due - begun, 6),
            handshake_ms=_ms(self._handshake),
            first_frame_ms=_ms(self._first_frame),
            frames=self._frames,
            gap=self._gaps.spread(TICK_S),
            freeze_ms=self._longest * 1000,
            bytes=self.bytes,
            reconnects=self.reconnects,
            closes=self._closes,
        )

    def _join(self, waited: float) -> None:
        self.joined = True
        self._first_frame = waited
        self._totals.whole["first_frame"].add(waited)
        if waited > JOIN_S:
            self.fail(TIMEOUT)

    def _add_gap(self, gap: float) -> None:
        self._gaps.add(gap)
        self._totals.gaps.append(gap)
        self._longest = max(self._longest, gap)


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
