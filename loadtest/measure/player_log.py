"""What one player saw, from the moment at which the schedule wanted it: so waiting counts, whoever made it wait."""

from typing import Final

from picows import WSUpgradeResponse

from loadtest.measure import result
from loadtest.measure.gaps import Gaps
from loadtest.measure.samples import Clock, Desk, Sample
from loadtest.measure.totals import Ledger
from loadtest.players.door import TIMEOUT, DoorError
from loadtest.players.observer import Observer
from loadtest.players.people import TICK_S

JOIN_S: Final = 10.0  # a player who sees no world for so long has not joined, whatever comes later
TOLD_S: Final = 1.0  # one who has waited less than this when the test ends has neither joined nor failed
LATE_S: Final = 0.06  # a gap still open at the end counts if it is late already
CLOSED: Final = "closed"  # a kind of failure beside those of the door: a socket that ended before the first frame


class Journal(Observer):
    """The notes of one player; moments are of the clock that is given."""

    def __init__(
        self, number: int, due: float, ledger: Ledger, clock: Clock, sample: Sample | None, desk: Desk
    ) -> None:
        """Start before it comes; `due` is a moment, `desk` where a sample's frames go."""
        self.number = number
        self.due = due
        self.failed = False
        self.joined = False
        self.reconnects = 0
        self._ledger = ledger
        self._clock = clock
        self._sample = sample
        self._desk = desk
        self._handshake: float | None = None
        self._first_frame: float | None = None
        self._frames = 0
        self._gaps = Gaps()
        self._longest = 0.0
        self._last_frame = 0.0
        self._bytes = 0
        self._closes: list[int] = []

    def connected(self, response: WSUpgradeResponse) -> None:  # noqa: ARG002  # who answered does not matter
        """Note a 101."""
        if self._handshake is None:
            self._handshake = self._clock() - self.due
            self._ledger.whole["handshake"].add(self._handshake)
        else:
            self.reconnects += 1
            self._ledger.reconnects_now += 1
        if self._sample is not None:
            self._sample.connected()

    def refused(self, error: DoorError) -> None:
        """Note a handshake that failed."""
        self._ledger.refusals[error.status] += 1
        if not self.joined:
            self.fail(error.kind)

    def closed(self, code: int) -> None:
        """Note how a socket ended."""
        self._closes.append(code)
        self._ledger.closes[code] += 1
        self._ledger.closes_now += 1
        if not self.joined:
            self.fail(CLOSED)

    def received(self, size: int) -> None:
        """Count bytes."""
        self._bytes += size

    def sent(self, size: int) -> None:
        """Count bytes."""
        self._ledger.bytes_sent += size

    def framed(self, data: bytes, epoch: int, tick: int) -> bool:
        """Note a frame of the world."""
        now = self._clock()
        self._frames += 1
        self._ledger.frames += 1
        if self.joined:
            self._note_gap(now - self._last_frame)
        else:
            self._join(now - self.due)
        self._last_frame = now
        if self._sample is not None:
            self._desk.put(self._sample, data, epoch, tick, now)
        return False

    def named(self, name: str) -> None:
        """Pass the name on."""
        if self._sample is not None:
            self._sample.named(name)

    def steered(self, sequence: int, heading: int) -> None:
        """Pass the input on."""
        if self._sample is not None:
            self._sample.steered(sequence, heading)

    def misfitted(self) -> None:
        """Count what did not decode to what it should."""
        self._ledger.decode_errors += 1

    undecodable = misfitted

    def look(self, now: float) -> None:
        """Fail the join that has taken too long."""
        if not self.joined and now - self.due > JOIN_S:
            self.fail(TIMEOUT)

    def fail(self, kind: str) -> None:
        """Note that the player did not join; only the first reason counts."""
        if not self.failed:
            self.failed = True
            self._ledger.errors[kind] += 1
            self._ledger.failures += 1

    def end(self, now: float) -> None:
        """Note what the end of the player's time leaves open."""
        if not self.joined:
            if now - self.due > TOLD_S:
                self.fail(TIMEOUT)
        elif now - self._last_frame > LATE_S:
            self._note_gap(now - self._last_frame)

    def row(self, begun: float) -> result.Player:
        """Return all of it; `begun` is the moment from which the test counts."""
        return result.Player(
            number=self.number,
            due_s=round(self.due - begun, 6),
            handshake_ms=_ms(self._handshake),
            first_frame_ms=_ms(self._first_frame),
            frames=self._frames,
            gap=self._gaps.spread(TICK_S),
            freeze_ms=self._longest * 1000,
            bytes=self._bytes,
            reconnects=self.reconnects,
            closes=self._closes,
        )

    def _join(self, waited: float) -> None:
        self.joined = True
        self._first_frame = waited
        self._ledger.whole["first_frame"].add(waited)
        if waited > JOIN_S:
            self.fail(TIMEOUT)

    def _note_gap(self, gap: float) -> None:
        self._gaps.add(gap)
        self._ledger.gaps.append(gap)
        self._longest = max(self._longest, gap)


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
