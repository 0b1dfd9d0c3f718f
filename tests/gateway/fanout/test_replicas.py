from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.gateway.fanout.chain import MAX_TICKS
from app.gateway.fanout.keyframe_budget import BYTES_PER_TICK, KeyframeBudget
from app.gateway.fanout.pace import DENSE, SPARSE, Pace
from app.gateway.fanout.replicas import REASONS, Replicas
from app.observability import metrics
from app.wire import outputs
from app.wire.outputs import DeltaBody, Keyframe
from app.wire.snapshot import Snapshot
from loadtest.players.replica import Replica
from tests.gateway.doubles import Counting, RecordingSink, snapshot
from tests.wire.histories import LivingWorld, Moment, moments

SHIPS = range(1, 40)  # so many that fifteen quiet ticks are smaller than a keyframe


class Audience:
    """Replicas whose ticks come one by one."""

    def __init__(self, sockets: int = 1, pace: Pace = DENSE, clock: Callable[[], float] = lambda: 10.0) -> None:
        self.replicas = Replicas(KeyframeBudget(clock))
        self.sinks = [RecordingSink() for _ in range(sockets)]
        for sink in self.sinks:
            self.replicas.add(sink, pace)
        self.tick = 100
        self.turn = 0

    def live(self, ticks: int = 1, *, phases: int = 1, ships: range = SHIPS, epoch: int = 7) -> None:
        for _ in range(ticks):
            self.tick += 1
            self.write(snapshot(self.tick, *ships, epoch=epoch), phases=phases)

    def write(self, *shots: Snapshot, phases: int = 1) -> None:
        for shot in shots:
            self.replicas.advance(shot)
        self.turn += 1
        self.replicas.write(self.turn, phases)


def kinds(sink: RecordingSink) -> list[list[type]]:
    return [[type(message) for message in outputs.decode(frame.payload)] for frame in sink.frames]


def keyframes() -> dict[str, float]:
    return {reason: metrics.KEYFRAMES.labels(reason)._value.get() for reason in REASONS}


def moved(before: dict[str, float]) -> dict[str, float]:
    return {reason: count - before[reason] for reason, count in keyframes().items() if count != before[reason]}


def test_a_straggler_gets_what_it_missed_in_one_message() -> None:
    """The others are not affected. The skips are counted, and so are the ticks that came together with later ones."""
    audience = Audience(2)
    slow, quick = audience.sinks
    audience.live()
    slow.blocked, counting, joined = True, Counting(), metrics.JOINED_TICKS._value.get()
    audience.live(3)
    slow.blocked = False
    audience.live(2)
    assert {"slow": 3} == counting.moved()
    assert [[Keyframe], [DeltaBody], [DeltaBody]] == kinds(slow)
    assert [[Keyframe], *[[DeltaBody]] * 5] == kinds(quick)
    assert joined + 3 == metrics.JOINED_TICKS._value.get()


def test_who_missed_too_much_gets_a_keyframe() -> None:
    """The reason is that the peer was slow."""
    audience = Audience()
    audience.live()
    audience.sinks[0].blocked, before = True, keyframes()
    audience.live(MAX_TICKS)
    audience.sinks[0].blocked = False
    audience.live(1)
    assert [[Keyframe], [Keyframe]] == kinds(audience.sinks[0])
    assert {"slow": 1} == moved(before)


@pytest.mark.parametrize("phases", [1, 2, 3, 4])
def test_with_several_phases_each_socket_gets_all_ticks_in_fewer_messages(phases: int) -> None:
    """Each turn writes to its share of the sockets."""
    audience = Audience(24, SPARSE)
    audience.live()
    for _ in range(12):
        before = [len(sink.frames) for sink in audience.sinks]
        audience.tick += 1
        audience.write(snapshot(audience.tick, *SHIPS, audience.tick), phases=phases)  # one ship comes, one leaves
        written = sum(len(sink.frames) - count for sink, count in zip(audience.sinks, before, strict=True))
        assert 24 // phases == written
    for sink in audience.sinks:
        assert 1 + 12 // phases == len(sink.frames)


def test_a_dense_client_gets_at_most_three_ticks_in_one_message() -> None:
    """Its page draws two ticks late, so more would stop its picture."""
    audience = Audience(12, DENSE)
    audience.live()
    audience.live(12, phases=4)
    assert {1 + 4} == {len(sink.frames) for sink in audience.sinks}


def test_a_quiet_arena_writes_to_sparse_clients_at_every_fifth_tick() -> None:
    """A dense client gets every tick. A change goes out at once."""
    sparse, dense = Audience(1, SPARSE), Audience(1, DENSE)
    for audience in (sparse, dense):
        audience.live(18)
    assert (1 + 3, 18) == (len(sparse.sinks[0].frames), len(dense.sinks[0].frames))
    sparse.live(1, ships=range(1, 41))
    assert [[DeltaBody, DeltaBody]] == kinds(sparse.sinks[0])[-1:] or [[DeltaBody]] == kinds(sparse.sinks[0])[-1:]
    assert 5 == len(sparse.sinks[0].frames)


@pytest.mark.parametrize("phases", [1, 2, 3, 4])
def test_no_silence_is_longer_than_five_ticks(phases: int) -> None:
    """Also if the gateway is busy."""
    audience = Audience(12, SPARSE)
    audience.live()
    last = dict.fromkeys(range(12), 0)
    counts = [len(sink.frames) for sink in audience.sinks]
    for tick in range(1, 60):
        audience.live(phases=phases)
        for number, sink in enumerate(audience.sinks):
            if len(sink.frames) > counts[number]:
                last[number], counts[number] = tick, len(sink.frames)
            assert tick - last[number] < 5


def test_joins_go_before_resyncs_within_the_budget() -> None:
    """The rest waits for the next tick."""
    now = [10.0]
    audience = Audience(3, clock=lambda: now[0])
    audience.live()
    before = keyframes()
    for sink in audience.sinks:
        audience.replicas.add(sink)
    newcomer = RecordingSink()
    audience.replicas.add(newcomer)
    audience.replicas._budget.take(BYTES_PER_TICK - 20 - sum(17 * len(SHIPS) for _ in audience.sinks))
    audience.live()
    assert 1 == len(newcomer.frames)
    assert {"join": 1} == moved(before)
    now[0] += 1
    audience.live()
    assert {"join": 1, "resync": 3} == moved(before)


def test_a_new_epoch_is_spread_over_ticks_and_then_deltas_go_on() -> None:
    """A socket that waits gets nothing meanwhile, so it never gets a delta that does not fit."""
    now = [10.0]
    audience = Audience(4, clock=lambda: now[0])
    audience.live()
    now[0] += 1
    before = keyframes()
    audience.replicas._budget.take(BYTES_PER_TICK - 2 * 17 * len(SHIPS) + 1)
    audience.live(epoch=8)
    assert {"epoch": 2} == moved(before)
    now[0] += 1
    audience.live(epoch=8)
    assert {"epoch": 4} == moved(before)
    audience.live(epoch=8)
    assert {2: 4} == {len(kinds(sink)[0]) + len(kinds(sink)[1]): 4 for sink in audience.sinks}
    assert {DeltaBody} == {kinds(sink)[-1][0] for sink in audience.sinks}


def test_a_socket_that_was_removed_gets_nothing() -> None:
    """Neither while it waits for a keyframe nor while it is in step."""
    audience = Audience(2)
    audience.replicas.remove(audience.sinks[0])
    audience.live()
    audience.replicas.remove(audience.sinks[1])
    audience.replicas.remove(audience.sinks[1])
    audience.live()
    assert [0, 1] == [len(sink.frames) for sink in audience.sinks]
    assert 0 == len(audience.replicas)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 2**32),
    st.lists(
        st.tuples(moments, st.sets(st.integers(0, 3)), st.integers(0, 7), st.integers(1, 4), st.booleans()),
        max_size=40,
    ),
)
def test_after_any_history_each_replica_has_the_world_of_its_last_message(
    seed: int, history: list[tuple[Moment, set[int], int, int, bool]]
) -> None:
    """Sockets block and join again, ticks get lost or arrive together, and the number of phases changes at random."""
    living, now = LivingWorld(seed), [10.0]
    group = Replicas(KeyframeBudget(lambda: now[0]))
    paces = [DENSE, DENSE, SPARSE, SPARSE]
    sinks, replicas = [RecordingSink() for _ in paces], [Replica() for _ in paces]
    worlds: dict[int, bytes] = {}
    turn = 0
    for moment, blocked, rejoining, phases, written in history:
        now[0] += 0.05
        shot = living.live(moment)
        worlds[shot.tick] = shot.records.tobytes()
        if rejoining < len(sinks):
            group.add(sinks[rejoining], paces[rejoining])
        for number, sink in enumerate(sinks):
            sink.blocked = number in blocked
        if moment.published:
            group.advance(shot)
        if moment.published and written:
            turn += 1
            group.write(turn, phases)
        for sink, replica in zip(sinks, replicas, strict=True):
            for frame in sink.frames:
                replica.apply(frame.payload)
                assert not replica.wants_resync
                assert worlds[replica.tick] == replica.records.tobytes()
            sink.frames.clear()
