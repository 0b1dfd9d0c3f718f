from itertools import pairwise

from app.gateway.fanout.frame import Frame
from app.gateway.fanout.hub import Arena, Hub, Written
from app.wire import outputs
from app.wire.outputs import Checksum, DeltaBody, Full, Keyframe
from app.wire.snapshot import Snapshot
from tests.gateway.doubles import RecordingSink, snapshot


def kinds(sink: RecordingSink) -> list[list[type]]:
    return [[type(message) for message in outputs.decode(frame.payload)] for frame in sink.frames]


def occupied() -> tuple[Hub, Arena, RecordingSink]:
    hub, sink = Hub(), RecordingSink()
    hub.arena(0).replicas.add(sink)
    return hub, hub.arena(0), sink


def deliver(hub: Hub, *shots: Snapshot) -> None:
    for shot in shots:
        hub.advance(shot)
    hub.write()


def test_a_replica_gets_a_keyframe_and_then_deltas() -> None:
    """Only the first frame is a keyframe."""
    hub, _, sink = occupied()
    for tick in (101, 102, 103):
        deliver(hub, snapshot(tick, 1, 2))
    assert [[Keyframe], [DeltaBody], [DeltaBody]] == kinds(sink)


def test_a_gap_makes_a_keyframe_of_the_next_frame() -> None:
    """After a missing snapshot no delta fits."""
    hub, _, sink = occupied()
    for tick in (101, 103, 104):
        deliver(hub, snapshot(tick, 1))
    assert [[Keyframe], [Keyframe], [DeltaBody]] == kinds(sink)


def test_a_delta_may_cover_several_steps() -> None:
    """It has the number of steps in four bits. Above that the frame is a keyframe."""
    hub, _, sink = occupied()
    deliver(hub, snapshot(101, 1))
    deliver(hub, snapshot(104, 1, steps=3))
    deliver(hub, snapshot(120, 1, steps=16))
    assert [[Keyframe], [DeltaBody], [Keyframe]] == kinds(sink)


def test_a_new_epoch_makes_a_keyframe() -> None:
    """Also if its tick is the next one."""
    hub, _, sink = occupied()
    deliver(hub, snapshot(101, 1))
    deliver(hub, snapshot(102, 1, epoch=8))
    assert [[Keyframe], [Keyframe]] == kinds(sink)


def test_only_a_later_tick_or_epoch_is_newer() -> None:
    """Each arena with sockets has its own newest snapshot; in other arenas every snapshot is newer."""
    hub, _, _ = occupied()
    assert hub.is_newer(snapshot(0, 1))
    deliver(hub, snapshot(101, 1))
    for late in (snapshot(101, 1), snapshot(100, 1), snapshot(200, 1, epoch=6)):
        assert not hub.is_newer(late)
    for newer in (snapshot(102, 1), snapshot(1, 1, epoch=8), snapshot(100, 1, arena=3)):
        assert hub.is_newer(newer)


def test_a_sink_that_is_added_again_gets_a_keyframe() -> None:
    """This is how RESYNC works."""
    hub, arena, sink = occupied()
    deliver(hub, snapshot(101, 1))
    arena.replicas.add(sink)
    deliver(hub, snapshot(102, 1))
    assert [[Keyframe], [Keyframe]] == kinds(sink)
    assert 1 == len(arena)


def test_a_checksum_comes_once_a_second() -> None:
    """It comes with each delta whose steps reach or cross a multiple of 20 ticks, never with a keyframe."""
    hub, _, sink = occupied()
    ticks = [100, *range(101, 139), 141, *range(142, 170)]
    for before, tick in pairwise([99, *ticks]):
        deliver(hub, snapshot(tick, 1, steps=tick - before))
    with_checksum = [tick for tick, kind in zip(ticks, kinds(sink), strict=True) if Checksum in kind]
    assert [120, 141, 160] == with_checksum


def test_one_frame_serves_all_sinks_of_a_protocol() -> None:
    """It is encoded once, and every socket gets the same object."""
    hub, arena, one = occupied()
    other, picture, json = RecordingSink(), RecordingSink(), RecordingSink()
    arena.replicas.add(other)
    arena.pictures.add(picture)
    arena.tutorial.add(json)
    deliver(hub, snapshot(101, 1))
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
    deliver(hub, snapshot(101, 1))
    assert [] == sink.frames


def test_arenas_without_sockets_are_removed() -> None:
    """`occupied` returns the arenas with sockets. A snapshot of another arena is dropped."""
    hub, arena, sink = occupied()
    hub.arena(3)
    assert frozenset({0}) == hub.occupied()
    arena.replicas.remove(sink)
    assert frozenset() == hub.occupied()
    deliver(hub, snapshot(101, 1))
    assert [] == sink.frames


def test_several_ticks_at_once_are_one_message() -> None:
    """Replicas get all of them in order, and pictures only the newest."""
    hub, arena, sink = occupied()
    picture = RecordingSink()
    arena.pictures.add(picture)
    deliver(hub, snapshot(101, 1))
    deliver(hub, snapshot(102, 1, 2), snapshot(103, 1, 2, 3))
    assert [[Keyframe], [DeltaBody, DeltaBody]] == kinds(sink)
    assert [101, 103] == [outputs.decode(frame.payload)[0].tick for frame in picture.frames]  # type: ignore[union-attr]  # FULL


def test_a_write_reports_how_late_it_is() -> None:
    """The most ticks of an arena that were written at once, and how long it took."""
    now = [10.0]

    class SlowSink(RecordingSink):
        def offer(self, frame: Frame) -> bool:
            now[0] += 0.25
            return super().offer(frame)

    hub = Hub(lambda: now[0])
    for arena in (0, 3):
        hub.arena(arena).replicas.add(SlowSink())
    hub.advance(snapshot(101, 1))
    for tick in (101, 102, 103):
        hub.advance(snapshot(tick, 1, arena=3))
    assert Written(3, 0.5) == hub.write()
    assert Written(0, 0.0) == hub.write()
