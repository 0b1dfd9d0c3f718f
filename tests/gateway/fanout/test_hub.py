from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from app.gateway.fanout.hub import Arena, Hub
from app.wire import outputs
from app.wire.outputs import Checksum, DeltaBody, Full, Keyframe
from loadtest.players.replica import Replica
from tests.gateway.doubles import Counting, RecordingSink, snapshot
from tests.wire.histories import LivingWorld, Moment, moments


def kinds(sink: RecordingSink) -> list[list[type]]:
    return [[type(message) for message in outputs.decode(frame.payload)] for frame in sink.frames]


def occupied() -> tuple[Hub, Arena, RecordingSink]:
    hub, sink = Hub(), RecordingSink()
    hub.arena(0).replicas.add(sink)
    return hub, hub.arena(0), sink


def test_a_replica_gets_a_keyframe_and_then_deltas() -> None:
    """The first frame is whole, the others are not."""
    hub, _, sink = occupied()
    for tick in (101, 102, 103):
        hub.deliver(snapshot(tick, 1, 2))
    assert [[Keyframe], [DeltaBody], [DeltaBody]] == kinds(sink)


def test_a_gap_makes_a_keyframe_of_the_next_frame() -> None:
    """After a snapshot that did not come, no delta fits."""
    hub, _, sink = occupied()
    for tick in (101, 103, 104):
        hub.deliver(snapshot(tick, 1))
    assert [[Keyframe], [Keyframe], [DeltaBody]] == kinds(sink)


def test_a_delta_may_lead_over_several_steps() -> None:
    """As long as it says so; beyond what its four bits hold there is a keyframe."""
    hub, _, sink = occupied()
    hub.deliver(snapshot(101, 1))
    hub.deliver(snapshot(104, 1, steps=3))
    hub.deliver(snapshot(120, 1, steps=16))
    assert [[Keyframe], [DeltaBody], [Keyframe]] == kinds(sink)


def test_a_new_epoch_makes_a_keyframe() -> None:
    """Even if its tick would follow."""
    hub, _, sink = occupied()
    hub.deliver(snapshot(101, 1))
    hub.deliver(snapshot(102, 1, epoch=8))
    assert [[Keyframe], [Keyframe]] == kinds(sink)


def test_frames_that_are_not_newer_are_dropped() -> None:
    """The same, an older tick, an older epoch: counted as old."""
    hub, _, sink = occupied()
    hub.deliver(snapshot(101, 1))
    counting = Counting()
    for late in (snapshot(101, 1), snapshot(100, 1), snapshot(200, 1, epoch=6)):
        hub.deliver(late)
    assert {"old": 3} == counting.moved()
    assert [[Keyframe]] == kinds(sink)


def test_a_sink_that_skipped_gets_a_keyframe() -> None:
    """Nobody else does, and the skip is counted."""
    hub, arena, slow = occupied()
    quick = RecordingSink()
    arena.replicas.add(quick)
    hub.deliver(snapshot(101, 1))
    slow.blocked = True
    counting = Counting()
    hub.deliver(snapshot(102, 1))
    slow.blocked = False
    hub.deliver(snapshot(103, 1))
    hub.deliver(snapshot(104, 1))
    assert {"slow": 1} == counting.moved()
    assert [[Keyframe], [Keyframe], [DeltaBody]] == kinds(slow)
    assert [[Keyframe], [DeltaBody], [DeltaBody], [DeltaBody]] == kinds(quick)


def test_a_sink_that_is_added_again_gets_a_keyframe() -> None:
    """That is how a client asks for one."""
    hub, arena, sink = occupied()
    hub.deliver(snapshot(101, 1))
    arena.replicas.add(sink)
    hub.deliver(snapshot(102, 1))
    assert [[Keyframe], [Keyframe]] == kinds(sink)
    assert 1 == len(arena)


def test_a_checksum_comes_once_a_second() -> None:
    """With each delta whose steps reach or cross a multiple of 20 ticks, and with no keyframe."""
    hub, _, sink = occupied()
    ticks = [100, *range(101, 139), 141, *range(142, 170)]
    for before, tick in pairwise([99, *ticks]):
        hub.deliver(snapshot(tick, 1, steps=tick - before))
    with_checksum = [tick for tick, kind in zip(ticks, kinds(sink), strict=True) if Checksum in kind]
    assert [120, 141, 160] == with_checksum


def test_one_frame_serves_all_sinks_of_a_language() -> None:
    """Encoded once, the same object for every socket."""
    hub, arena, one = occupied()
    other, picture, json = RecordingSink(), RecordingSink(), RecordingSink()
    arena.replicas.add(other)
    arena.pictures.add(picture)
    arena.tutorial.add(json)
    hub.deliver(snapshot(101, 1))
    assert one.frames[0] is other.frames[0]
    assert [[Full]] == kinds(picture)
    assert json.frames[0].payload.startswith(b'{"type":"stateUpdate"')
    assert not json.frames[0].binary


def test_a_sink_that_was_removed_gets_nothing() -> None:
    """From any audience, and removing it twice does no harm."""
    hub, arena, sink = occupied()
    for audience in (arena.replicas, arena.pictures, arena.tutorial):
        audience.add(sink)
        audience.remove(sink)
        audience.remove(sink)
    hub.deliver(snapshot(101, 1))
    assert [] == sink.frames


def test_arenas_without_sockets_are_forgotten() -> None:
    """`occupied` names those with sockets; a later snapshot of another goes nowhere."""
    hub, arena, sink = occupied()
    hub.arena(3)
    assert frozenset({0}) == hub.occupied()
    arena.replicas.remove(sink)
    assert frozenset() == hub.occupied()
    hub.deliver(snapshot(101, 1))
    assert [] == sink.frames


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.tuples(moments, st.sets(st.integers(0, 3)), st.integers(0, 7)), max_size=30))
def test_whatever_is_skipped_replicas_hold_the_state(seed: int, history: list[tuple[Moment, set[int], int]]) -> None:
    """Sockets block, join again and leave at random; each that took the last frame holds exactly its ships."""
    living, arena = LivingWorld(seed), Arena()
    sinks, replicas = [RecordingSink() for _ in range(4)], [Replica() for _ in range(4)]
    for moment, blocked, rejoining in history:
        shot = living.live(moment)
        if rejoining < len(sinks):
            arena.replicas.add(sinks[rejoining])
        for number, sink in enumerate(sinks):
            sink.blocked = number in blocked
        if moment.published:
            arena.deliver(shot)
        for sink, replica in zip(sinks, replicas, strict=True):
            for frame in sink.frames:
                replica.apply(frame.payload)
                assert not replica.wants_resync
                assert (shot.tick, shot.records.tobytes()) == (replica.tick, replica.records.tobytes())
            sink.frames.clear()
