"""app.wire.delta: a replica fed with keyframes and deltas equals the server's state, exactly, for any history."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire import delta, outputs
from app.wire.outputs import DeltaBody
from app.wire.records import EMPTY, SHIP, Records
from app.wire.refusal import Refused
from app.wire.snapshot import Snapshot
from loadtest.players.replica import Replica
from tests.wire.histories import EPOCH, LivingWorld, Moment, moments

REASONS = {"length", "reserved_bits", "steps", "departures", "changes", "arrivals", "order", "range", "varint"}


def keyframe(snapshot: Snapshot) -> bytes:
    return outputs.encode_keyframe(snapshot.epoch, snapshot.tick, snapshot.records)


def ships(*rows: tuple[int, int]) -> Records:
    """Make ships at rest of rows (id, heading)."""
    records = np.zeros(len(rows), dtype=SHIP)
    for record, (ship, heading) in zip(records, rows, strict=True):
        record["id"], record["heading"] = ship, heading
    return records


def at(tick: int, records: Records, steps: int = 1) -> Snapshot:
    return Snapshot(0, EPOCH, tick, steps, 0.0, records)


def body(before: Snapshot, after: Snapshot) -> bytes:
    (message,) = outputs.decode(delta.encode(before, after))
    assert isinstance(message, DeltaBody)
    return message.body


@given(
    history=st.lists(moments, min_size=1, max_size=40),
    seed=st.integers(0, 2**32),
    ids_from=st.sampled_from([0, 65_520]),
    unheard=st.sets(st.integers(0, 39)),
)
def test_a_replica_equals_the_server_after_every_frame(
    history: list[Moment], seed: int, ids_from: int, unheard: set[int]
) -> None:
    """For any joins, leaves, id reuse, catch-up steps, unpublished ticks and skipped frames.

    The rule of the gateway is played: a delta if the snapshot follows the last frame of this socket, else a keyframe.
    """
    living = LivingWorld(seed, ids_from=ids_from)
    replica = Replica()
    last: Snapshot | None = None
    for number, moment in enumerate(history):
        snapshot = living.live(moment)
        if not moment.published or number in unheard:
            continue
        fits = last is not None and snapshot.follows(last)
        frame = delta.encode(last, snapshot) if last is not None and fits else keyframe(snapshot)
        replica.apply(frame + outputs.encode_checksum(snapshot.records))
        last = snapshot
        assert replica.in_step
        assert replica.tick == snapshot.tick
        assert replica.records.tobytes() == living.records().tobytes()


@given(history=st.lists(moments, min_size=2, max_size=20), seed=st.integers(0, 2**32), lost=st.integers(0, 18))
def test_a_lost_frame_is_noticed_and_a_keyframe_mends_it(history: list[Moment], seed: int, lost: int) -> None:
    """A replica that misses a frame never shows a wrong world with a right checksum, and is exact after a resync."""
    living = LivingWorld(seed)
    replica = Replica()
    last = living.live(history[0])
    replica.apply(keyframe(last))
    for number, moment in enumerate(history[1:]):
        snapshot = living.live(moment)
        if snapshot.follows(last) and number != lost % (len(history) - 1):
            replica.apply(delta.encode(last, snapshot) + outputs.encode_checksum(snapshot.records))
        last = snapshot
        if replica.wants_resync:
            replica.apply(keyframe(snapshot))
        if replica.in_step and replica.tick == snapshot.tick:
            assert replica.records.tobytes() == snapshot.records.tobytes()
    replica.apply(keyframe(last))
    assert replica.records.tobytes() == living.records().tobytes()


def test_a_quiet_arena_costs_four_bytes_and_the_websocket_header() -> None:
    """Ships that keep their input cost nothing, however many there are."""
    many = ships(*((ship, 0) for ship in range(1, 1001)))
    assert 4 == len(delta.encode(at(1, many), at(2, many)))


def test_a_steering_ship_costs_two_bytes_and_its_masks() -> None:
    """One of 100 steering ships: a heading, a half-filled byte of nibbles, a group byte and two mask bytes."""
    before = ships(*((ship, 0) for ship in range(1, 101)))
    after = before.copy()
    after["heading"][50] = 9
    after["sequence"][50] = 1
    assert 4 + 2 + 1 + 1 + 1 == len(delta.encode(at(1, before), at(2, after)))


def test_ranks_are_those_of_the_survivors() -> None:
    """A change is named by its rank after the departures are gone."""
    before = ships((1, 0), (2, 0), (3, 0))
    after = ships((3, 5), (4, 0))
    change = delta.decode(body(at(1, before), at(2, after)), before)
    assert [(3, 5)] == [(int(row["id"]), int(row["heading"])) for row in change.survivors]
    assert [4] == change.arrivals["id"].tolist()


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        ("", "length"),
        ("02", "length"),
        ("0200", "steps"),
        ("0281", "reserved_bits"),
        ("021100", "departures"),
        ("0211010900", "departures"),
        ("0211020200 0100", "order"),
        ("0211020100 0100", "order"),
        ("022100", "changes"),
        ("022102", "changes"),
        ("0221010000", "changes"),
        ("02210110", "changes"),
        ("02210101", "length"),
        ("0221010109f3", "changes"),
        ("022101010903", "ok"),
        ("02210101090305", "length"),
        ("02210101090105", "ok"),
        ("024100", "arrivals"),
        ("024101" + "0200" + "00" * 15, "arrivals"),
        ("024101" + "0000" + "00" * 15, "order"),
        ("0201ff", "length"),
    ],
)
def test_damaged_deltas_are_refused_by_name(damaged: str, reason: str) -> None:
    """Against two ships, each kind of damage has its name."""
    state = ships((1, 0), (2, 0))
    try:
        delta.decode(bytes.fromhex(damaged), state)
    except Refused as refused:
        assert reason == refused.reason
    else:
        assert reason == "ok"


@given(st.binary(max_size=60), st.integers(0, 20))
def test_any_bytes_are_a_delta_or_a_refusal_by_name(data: bytes, count: int) -> None:
    """No bytes raise anything but Refused."""
    state = ships(*((ship, 0) for ship in range(1, count + 1)))
    for candidate in (data, b"\x02" + data, b"\x02\x71" + data):
        try:
            delta.decode(candidate, state)
        except Refused as refused:
            assert refused.reason in REASONS


@given(st.binary(max_size=80), st.lists(moments, min_size=2, max_size=4), st.integers(0, 2**32), st.data())
def test_a_damaged_frame_never_breaks_a_replica(
    noise: bytes, history: list[Moment], seed: int, data: st.DataObject
) -> None:
    """A replica refuses any bytes, requests a resync, or goes on; then a keyframe makes it exact."""
    living = LivingWorld(seed)
    replica = Replica()
    first = living.live(history[0])
    second = living.live(history[1])
    replica.apply(keyframe(first))
    frame = bytearray(delta.encode(first, second) if second.follows(first) else keyframe(second))
    frame[data.draw(st.integers(0, len(frame) - 1))] ^= data.draw(st.integers(1, 255))
    for received in (bytes(frame), noise):
        with suppress(Refused):
            replica.apply(received)
    replica.apply(keyframe(second))
    assert replica.records.tobytes() == second.records.tobytes()


def test_the_state_is_not_changed_by_reading() -> None:
    """Decoding leaves the state that it was given alone, even if it is read-only."""
    before = ships((1, 0), (2, 0))
    raw = before.tobytes()
    after = ships((1, 7), (2, 0))
    delta.decode(body(at(1, before), at(2, after)), np.frombuffer(raw, dtype=SHIP))
    assert raw == before.tobytes()


def test_an_empty_arena_has_deltas_too() -> None:
    """The first ship of an empty arena arrives by a delta."""
    replica = Replica()
    replica.apply(keyframe(at(1, EMPTY)))
    replica.apply(delta.encode(at(1, EMPTY), at(2, ships((5, 3)))))
    assert [5] == replica.records["id"].tolist()
