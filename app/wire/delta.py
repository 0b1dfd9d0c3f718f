"""Deltas: the changes between two successive snapshots that an exact replica cannot compute itself.

These are ships that joined or left, and ships whose input changed. A ship with an unchanged input costs no bytes, since
the client steps it exactly as the server does. docs/protocol.md has the layout.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.wire import records, varint
from app.wire.outputs import DELTA, envelope
from app.wire.records import SHIP, Records
from app.wire.refusal import Refused
from app.wire.snapshot import Snapshot

MAX_STEPS: Final = 15  # four bits of the control byte
_DEPARTURES: Final = 0x10
_CHANGES: Final = 0x20
_ARRIVALS: Final = 0x40
_RESERVED: Final = 0x80
_MAX_ADVANCE: Final = 7  # three bits of a nibble; 0 means that the whole sequence follows

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Delta:
    """A delta against a known state: step `survivors` `steps` times, then insert `arrivals`."""

    tick_low: int
    steps: int
    survivors: Records  # the remaining ships with their new inputs, before the steps
    arrivals: Records


def encode(before: Snapshot, after: Snapshot) -> bytes:
    """Return the DELTA from `before` to `after` in its envelope; `after` must follow `before`."""
    return envelope(DELTA, encode_body(before, after))


def encode_body(before: Snapshot, after: Snapshot) -> bytes:
    """Return the same without the envelope."""
    assert after.follows(before)
    assert after.steps <= MAX_STEPS
    old, new = before.records, after.records
    control = after.steps
    head = tail = b""
    if not np.array_equal(old["id"], new["id"]):
        stays, stayed = np.isin(old["id"], new["id"]), np.isin(new["id"], old["id"])
        departures, arrivals = old["id"][~stays], new[~stayed]
        old, new = old[stays], new[stayed]
        if len(departures):
            control |= _DEPARTURES
            head = varint.write(len(departures)) + departures.tobytes()
        if len(arrivals):
            control |= _ARRIVALS
            tail = varint.write(len(arrivals)) + arrivals.tobytes()
    changes = _encode_changes(old, new)
    if changes:
        control |= _CHANGES
    return bytes([after.tick & 0xFF, control]) + head + changes + tail


def is_quiet(body: bytes) -> bool:
    """Return True if `body` has only steps: no ship left, came or changed its input."""
    return not body[1] & (_DEPARTURES | _CHANGES | _ARRIVALS)


def followed_by(body: bytes, quiet: bytes) -> bytes | None:
    """Return one body with the effect of `body` and then `quiet`, or None if there is none.

    Arrivals are inserted after the steps, so a body with arrivals cannot take more steps.
    """
    steps = (body[1] & MAX_STEPS) + (quiet[1] & MAX_STEPS)
    if body[1] & _ARRIVALS or steps > MAX_STEPS:
        return None
    return bytes([quiet[0], (body[1] & ~MAX_STEPS) | steps]) + body[2:]


def decode(body: bytes, state: Records) -> Delta:
    """Return the delta in `body` against `state`, the ships before it. Raises only Refused."""
    reader = _Reader(body)
    tick_low, control = reader.take(2)
    if control & _RESERVED:
        raise Refused("reserved_bits")
    steps = control & MAX_STEPS
    if not steps:
        raise Refused("steps")
    survivors = _without(state, reader.departures()) if control & _DEPARTURES else state.copy()
    if control & _CHANGES:
        _read_changes(reader, survivors)
    arrivals = reader.arrivals() if control & _ARRIVALS else records.EMPTY
    if len(arrivals) and np.isin(arrivals["id"], survivors["id"]).any():
        raise Refused("arrivals")
    reader.end()
    return Delta(tick_low, steps, survivors, arrivals)


def _encode_changes(old: Records, new: Records) -> bytes:
    """Return the changes section, empty if no input changed; `old` and `new` have the same ships in the same rows."""
    changed = (old["heading"] != new["heading"]) | (old["flags"] != new["flags"]) | (old["sequence"] != new["sequence"])
    if not changed.any():
        return b""
    members = np.packbits(changed, bitorder="little")
    groups = np.packbits(members != 0, bitorder="little")
    ships = new[changed]
    advance: Bytes = ships["sequence"] - old["sequence"][changed]
    whole = (advance == 0) | (advance > _MAX_ADVANCE)
    advance[whole] = 0
    return b"".join(
        (
            groups.tobytes(),
            members[members != 0].tobytes(),
            ships["heading"].tobytes(),
            _pack_nibbles(ships["flags"] | advance << 1),
            ships["sequence"][whole].tobytes(),
        )
    )


def _read_changes(reader: "_Reader", survivors: Records) -> None:
    """Read the changes section and apply it to `survivors`."""
    count = len(survivors)
    groups = -(-count // 8)
    marked = np.flatnonzero(_unpack_bits(reader.take(-(-groups // 8)), groups))
    members = np.zeros(groups, dtype=np.uint8)
    members[marked] = _array(reader.take(len(marked)))
    if not len(marked) or not members[marked].all():
        raise Refused("changes")
    ranks = np.flatnonzero(_unpack_bits(members.tobytes(), count))
    headings = _array(reader.take(len(ranks)))
    nibbles = _unpack_nibbles(reader.take(-(-len(ranks) // 2)), len(ranks))
    advance = nibbles >> 1
    sequences = survivors["sequence"][ranks] + advance
    whole = advance == 0
    sequences[whole] = _array(reader.take(int(whole.sum())))
    survivors["heading"][ranks] = headings
    survivors["flags"][ranks] = nibbles & 1
    survivors["sequence"][ranks] = sequences


def _pack_nibbles(nibbles: Bytes) -> bytes:
    if len(nibbles) % 2:
        nibbles = np.append(nibbles, np.uint8(0))
    return (nibbles[0::2] | nibbles[1::2] << 4).tobytes()


def _unpack_nibbles(data: bytes, count: int) -> Bytes:
    packed = _array(data)
    nibbles = np.empty(len(packed) * 2, dtype=np.uint8)
    nibbles[0::2] = packed & 0x0F
    nibbles[1::2] = packed >> 4
    if nibbles[count:].any():
        raise Refused("changes")
    return nibbles[:count]


def _unpack_bits(data: bytes, count: int) -> Bytes:
    bits = np.unpackbits(_array(data), bitorder="little")
    if bits[count:].any():
        raise Refused("changes")
    return bits[:count]


def _array(data: bytes) -> Bytes:
    return np.frombuffer(data, dtype=np.uint8)


def _without(state: Records, departures: NDArray[Any]) -> Records:
    leaves = np.isin(state["id"], departures)
    if int(leaves.sum()) != len(departures):
        raise Refused("departures")
    return state[~leaves]


class _Reader:
    """Reads a body from its start to its end. Raises Refused("length") if bytes are missing or left."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._offset = 0

    def take(self, size: int) -> bytes:
        taken = self._body[self._offset : self._offset + size]
        if len(taken) != size:
            raise Refused("length")
        self._offset += size
        return taken

    def departures(self) -> NDArray[Any]:
        ids = np.frombuffer(self.take(2 * self._count("departures")), dtype="<u2")
        if not np.all(ids[1:] > ids[:-1]):
            raise Refused("order")
        return ids

    def arrivals(self) -> Records:
        return records.read(self.take(SHIP.itemsize * self._count("arrivals")))

    def end(self) -> None:
        if self._offset != len(self._body):
            raise Refused("length")

    def _count(self, section: str) -> int:
        count, self._offset = varint.read(self._body, self._offset)
        if not count:
            raise Refused(section)
        return count
