"""The deltas of the last ticks of one arena, each encoded once, so that several can go out in one message.

A message may hold the deltas of several ticks in order, each with its checksum if it has one. A replica that applies
them has exactly the world of the last one. Two ticks with different inputs stay two deltas, because a delta applies
its changes before all of its steps. Only a quiet tick is added to the steps of the delta before it.

A *position* counts ticks as this chain does. It grows with every tick, and jumps where no delta leads on, so a socket
at a position from before a jump can never get a delta that does not fit.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.gateway.fanout import frame
from app.gateway.fanout.frame import Frame
from app.wire import delta, outputs
from app.wire.outputs import DELTA, envelope
from app.wire.records import SHIP
from app.wire.snapshot import Snapshot

MAX_TICKS: Final = 15  # that one message joins; after that, a keyframe is the better start
CHECKSUM_TICKS: Final = 20  # ticks between checksums: once a second

_JUMP: Final = MAX_TICKS + 1  # of the position where no delta leads on


@dataclass(frozen=True, slots=True)
class Link:
    """The delta of one snapshot."""

    before: int  # position to which it applies
    after: int  # position to which it leads
    body: bytes  # of the DELTA
    checksum: bytes  # a whole CHECKSUM, or nothing

    @property
    def quiet(self) -> bool:
        """True if it has only steps."""
        return delta.is_quiet(self.body) and not self.checksum


@dataclass(frozen=True, slots=True)
class Joined:
    """What leads from one position to the newest."""

    frame: Frame
    ticks: int
    quiet: bool  # it has only steps


class Chain:
    """The newest snapshot of an arena and the deltas that lead to it."""

    def __init__(self) -> None:
        self.newest: Snapshot | None = None
        self.position = 0
        self.broken_by = "gap"  # the reason of the last jump: "gap" or "epoch"
        self._start = 0  # position after the last jump
        self._links: deque[Link] = deque()
        self._joined: dict[int, Joined | None] = {}

    def append(self, snapshot: Snapshot) -> None:
        """Add a later snapshot. The position jumps unless a delta leads to it from the one before."""
        before, self.newest = self.newest, snapshot
        self._joined.clear()
        if before is None or not snapshot.follows(before) or snapshot.steps > delta.MAX_STEPS:
            self.broken_by = "epoch" if before is not None and before.epoch != snapshot.epoch else "gap"
            self._links.clear()
            self._start = self.position = self.position + _JUMP
            return
        start, self.position = self.position, self.position + snapshot.steps
        self._links.append(Link(start, self.position, delta.encode_body(before, snapshot), _checksum(snapshot)))
        while self.position - self._links[0].before > MAX_TICKS:
            self._links.popleft()

    def skip(self) -> None:
        """Forget everything, because no replica follows this arena now."""
        self.newest = None
        self._links.clear()

    def joined(self, since: int) -> Joined | None:
        """Return the message that leads from position `since` to the newest, or None if a keyframe is better."""
        if since not in self._joined:
            self._joined[since] = self._join(since)
        return self._joined[since]

    def reaches(self, since: int) -> bool:
        """Return True if there was no jump after position `since`."""
        return since >= self._start

    def keyframe(self) -> Frame:
        """Return the whole arena as one message. There must be a newest snapshot."""
        assert self.newest is not None
        return frame.binary(outputs.encode_keyframe(self.newest.epoch, self.newest.tick, self.newest.records))

    def keyframe_size(self) -> int:
        """Return about how many bytes a keyframe has."""
        return 0 if self.newest is None else SHIP.itemsize * len(self.newest.records)

    def _join(self, since: int) -> Joined | None:
        links = [link for link in self._links if link.before >= since]
        if not links or links[0].before != since:
            return None
        payload = _payload(links)
        if len(links) > 1 and len(payload) > self.keyframe_size():
            return None
        return Joined(frame.binary(payload), self.position - since, all(link.quiet for link in links))


def _checksum(snapshot: Snapshot) -> bytes:
    return outputs.encode_checksum(snapshot.records) if snapshot.tick % CHECKSUM_TICKS < snapshot.steps else b""


def _payload(links: Iterable[Link]) -> bytes:
    bodies: list[bytes] = []
    checksums: list[bytes] = []
    for link in links:
        folded = None
        if bodies and not checksums[-1] and delta.is_quiet(link.body):
            folded = delta.followed_by(bodies[-1], link.body)
        if folded is not None:
            bodies[-1], checksums[-1] = folded, link.checksum
        else:
            bodies.append(link.body)
            checksums.append(link.checksum)
    return b"".join(envelope(DELTA, body) + checksum for body, checksum in zip(bodies, checksums, strict=True))
