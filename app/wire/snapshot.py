"""A snapshot: the absolute and exact state of one arena at one tick, which the tick publishes to the gateways.

Delivery is at most once, and the newest one counts. Each is complete, so a lost one costs one frame.
"""

import math
import struct
from dataclasses import dataclass

from app.wire import records
from app.wire.formats import FORMAT, PREVIOUS, readable
from app.wire.records import Records
from app.wire.refusal import Refused

_HEAD = struct.Struct("<BBHIId")


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """All ships of an arena after `tick`; the inputs since ``tick - steps`` were applied before these steps."""

    arena: int
    epoch: int
    tick: int
    steps: int
    published: float  # Unix seconds, by the clock of the tick process
    records: Records

    def follows(self, before: "Snapshot") -> bool:
        """Return True if a delta from `before` to this one is possible."""
        return self.epoch == before.epoch and self.tick - self.steps == before.tick


def encode(snapshot: Snapshot, version: int = FORMAT) -> bytes:
    """Return `snapshot` as bytes; both formats have the same layout."""
    assert PREVIOUS <= version <= FORMAT
    assert 1 <= snapshot.steps <= 0xFF
    head = _HEAD.pack(version, snapshot.steps, snapshot.arena, snapshot.epoch, snapshot.tick, snapshot.published)
    return head + snapshot.records.tobytes()


def decode(data: bytes) -> Snapshot:
    """Return the snapshot in `data`; raises Refused("length" | "format" | "order" | "range")."""
    if not data:
        raise Refused("length")
    readable(data[0])
    if len(data) < _HEAD.size:
        raise Refused("length")
    _, steps, arena, epoch, tick, published = _HEAD.unpack_from(data)
    if not steps or not math.isfinite(published):
        raise Refused("range")
    return Snapshot(arena, epoch, tick, steps, published, records.read(memoryview(data)[_HEAD.size :]))
