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
    """Only the first frame is a keyframe."""
    hub, _, sink = occupied()
    for tick in (101, 102, 103):
        hub.deliver(snapshot(tick, 1, 2))
    assert [[Keyframe], [DeltaBody], [DeltaBody]] == kinds(sink)


def test_a_gap_makes_a_keyframe_of_the_next_frame() -> None:
    """After a missing snapshot no delta fits."""
    hub, _, sink = occupied()
    for tick in (101, 103, 104):
        hub.deliver(snapshot(tick, 1))
    assert [[Keyframe], [Keyframe], [DeltaBody]] == kinds(sink)


def test_a_delta_may_cover_several_steps() -> None:
    """It has the number of steps in four bits. Above that the frame is a keyframe."""
    hub, _, sink = occupied()
    hub.deliver(snapshot(101, 1))
    hub.deliver(snapshot(104, 1, steps=3))
    hub.deliver(snapshot(120, 1, steps=16))
    assert [[Keyframe], [DeltaBody], [Keyframe]] == kinds(sink)


def test_a_new_epoch_makes_a_keyframe() -> None:
    """Also if its tick is the next one."""
    hub, _, sink = occupied()
    hub.deliver(snapshot(101, 1))
    hub.deliver(snapshot(102, 1, epoch=8))
    assert [[Keyframe], [Keyframe]] == kinds(sink)


def test_only_a_later_tick_or_epoch_is_newer() -> None:
    """Each arena with sockets has its own newest snapshot; in other arenas every snapshot is newer."""
    hub, _, _ = occupied()
    assert hub.is_newer(snapshot(0, 1))
    hub.deliver(snapshot(101, 1))
    for late in (snapshot(101, 1), snapshot(100, 1), snapshot(200, 1, epoch=6)):
        assert not hub.is_newer(late)
    for newer in (snapshot(102, 1), snapshot(1, 1, epoch=8), snapshot(100, 1, arena=3)):
        assert hub.is_newer(newer)


def test_a_sink_that_skipped_gets_a_keyframe() -> None:
    """The other sinks get a delta, and the skip is counted."""
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
    """This is how RESYNC works."""
    hub, arena, sink = occupied()
    hub.deliver(snapshot(101, 1))
    arena.replicas.add(sink)
    hub.deliver(snapshot(102, 1))
    assert [[Keyframe], [Keyframe]] == kinds(sink)
    assert 1 == len(arena)


def test_a_checksum_comes_once_a_second() -> None:
    """It comes with each delta whose steps reach or cross a multiple of 20 ticks, never with a keyframe."""
    hub, _, sink = occupied()
    ticks = [100, *range(101, 139), 141, *range(142, 170)]
    for before, tick in pairwise([99, *ticks]):
        hub.deliver(snapshot(tick, 1, steps=tick - before))
    with_checksum = [tick for tick, kind in zip(ticks, kinds(sink), strict=True) if Checksum in kind]
    assert [120, 141, 160] == with_checksum


def test_one_frame_serves_all_sinks_of_a_protocol() -> None:
    """It is encoded once, and every socket gets the same object."""
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
    """This holds for every audience. Removing it twice has no effect."""
    hub, arena, sink = occupied()
    for audience in (arena.replicas, arena.pictures, arena.tutorial):
        audience.add(sink)
        audience.remove(sink)
        audience.remove(sink)
    hub.deliver(snapshot(101, 1))
    assert [] == sink.frames


def test_arenas_without_sockets_are_removed() -> None:
    """`occupied` returns the arenas with sockets. A snapshot of another arena is dropped."""
    hub, arena, sink = occupied()
    hub.arena(3)
    assert frozenset({0}) == hub.occupied()
    arena.replicas.remove(sink)
    assert frozenset() == hub.occupied()
    hub.deliver(snapshot(101, 1))
    assert [] == sink.frames


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.tuples(moments, st.sets(st.integers(0, 3)), st.integers(0, 7)), max_size=30))
def test_after_any_skips_replicas_have_the_state(seed: int, history: list[tuple[Moment, set[int], int]]) -> None:
    """Sockets block and join again at random. Each one that took the last frame has exactly its ships."""
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
