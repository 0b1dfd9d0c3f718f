from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.sim.rules import MAX_ID
from app.sim.world import COLUMNS, Inputs, World
from app.tick import capture, recovery
from app.tick.players import Players
from app.tick.recovery import CATCH_UP_TICKS, SKIPPED_IDS, Recovered
from app.wire import snapshot
from app.wire.checkpoint import Checkpoint
from app.wire.snapshot import Snapshot

EPOCH = 7
MOVING = 4  # a seed with which every ship thrusts


def steered(world: World, random: Random) -> None:
    ids = world.id.astype(np.intp)
    world.apply(
        Inputs(
            ids,
            np.array([random.randrange(256) for _ in ids], dtype=np.uint8),
            np.array([random.random() < 0.7 for _ in ids], dtype=np.bool_),
            np.array([random.randrange(256) for _ in ids], dtype=np.uint8),
        )
    )


def inhabited(ships: int, *, seed: int = 1, ticks: int = 0) -> World:
    """A world of arenas of three, in which every ship has an input."""
    world = World(arena_capacity=3, random=Random(seed))
    world.admit(ships)
    steered(world, Random(seed))
    stepped(world, ticks)
    return world


def stepped(world: World, ticks: int) -> World:
    for _ in range(ticks):
        world.step()
    return world


def kept(world: World, epoch: int = EPOCH) -> Checkpoint:
    return capture.to_checkpoint(world, Players(0), epoch=epoch, gateways=[])


def seen(world: World, *arenas: int, epoch: int = EPOCH) -> list[Snapshot]:
    """Snapshots of some arenas, or of all."""
    shots = capture.snapshots(world, epoch=epoch, steps=1, published=0.0)
    return [shot for shot in shots if not arenas or shot.arena in arenas]


def plain(columns: recovery.Columns) -> dict[int, dict[str, int]]:
    """Return the columns by ship."""
    names = [name for name in COLUMNS if name != "id"]
    lists = zip(*(columns[name].tolist() for name in names), strict=True)
    return dict(zip(columns["id"].tolist(), (dict(zip(names, row, strict=True)) for row in lists), strict=True))


def ships(world: World) -> dict[int, dict[str, int]]:
    return plain({name: getattr(world, name) for name in COLUMNS})


def test_of_nothing_comes_an_empty_world() -> None:
    """Which begins at the beginning."""
    found = recovery.recover(None, [])
    assert (0, 0, {}) == (found.tick, found.last_id, plain(found.columns))
    world = inhabited(3)
    world.replace(found.tick, found.last_id, found.columns)
    assert 0 == len(world)
    assert 1 == world.admit(1)[0].ship


def test_an_empty_world_goes_on_with_its_tick_and_ids() -> None:
    """There is no ship, but ids were given out."""
    world = inhabited(3, ticks=9)
    world.release([1, 2, 3])
    found = recovery.recover(kept(world), [])
    assert (9, {}) == (found.tick, plain(found.columns))
    assert 3 <= found.last_id


def test_a_checkpoint_alone_is_the_world_as_it_was() -> None:
    """Exactly."""
    world = inhabited(8, ticks=9)
    found = recovery.recover(kept(world), [])
    assert (9, ships(world)) == (found.tick, plain(found.columns))


def test_what_was_seen_alone_is_the_world_too() -> None:
    """When nothing is kept."""
    world = inhabited(8, ticks=9)
    found = recovery.recover(None, seen(world))
    assert (9, ships(world)) == (found.tick, plain(found.columns))


@given(
    st.integers(0, 2**32),
    st.integers(0, 12),
    st.lists(st.tuples(st.integers(0, CATCH_UP_TICKS // 5), st.sets(st.integers(0, 3))), min_size=1, max_size=5),
    st.randoms(use_true_random=False),
)
def test_who_does_not_steer_flies_on_bit_for_bit(
    seed: int, count: int, looks: list[tuple[int, set[int]]], random: Random
) -> None:
    """Whichever arenas were seen after the checkpoint, and when: all are where the world itself would have them."""
    world = inhabited(count, seed=seed, ticks=seed % 50)
    checkpoint, shots, newest = kept(world), [], world.tick
    for ticks, arenas in looks:
        stepped(world, ticks)
        new = [shot for shot in seen(world) if shot.arena in arenas]
        newest = world.tick if new else newest
        shots += new
    random.shuffle(shots)
    found = recovery.recover(checkpoint, shots)
    truth = inhabited(count, seed=seed, ticks=newest)
    assert (newest, ships(truth)) == (found.tick, plain(found.columns))


def test_the_newest_look_counts() -> None:
    """At a ship that steered meanwhile, whichever gateway saw it."""
    world = inhabited(3)
    checkpoint, shots = kept(world), []
    for number in range(3):
        steered(stepped(world, 4), Random(number))
        shots += seen(world)
    found = recovery.recover(checkpoint, [shots[1], shots[2], shots[0]])
    assert (12, ships(world)) == (found.tick, plain(found.columns))


def test_an_older_look_than_the_checkpoint_does_not_count() -> None:
    """Neither for where a ship is nor for who is there."""
    world = inhabited(4)
    before = seen(world)
    world.release([2])
    steered(stepped(world, 4), Random(9))
    found = recovery.recover(kept(world), before)
    assert (4, ships(world)) == (found.tick, plain(found.columns))


def test_a_newer_epoch_is_newer() -> None:
    """Though its ticks may be less."""
    old, new = inhabited(3, ticks=500), inhabited(2, seed=5, ticks=3)
    found = recovery.recover(kept(old), seen(new, epoch=EPOCH + 1))
    assert (3, ships(new)) == (found.tick, plain(found.columns))


def test_ships_that_went_since_the_checkpoint_are_gone() -> None:
    """Also if a gateway that missed it saw them in between; in an arena without snapshots they stay."""
    world = inhabited(8)
    checkpoint = kept(world)
    between = seen(stepped(world, 1), 0, 1)
    world.release([1, 5, 7])
    after = seen(stepped(world, 1), 0)
    found = recovery.recover(checkpoint, between + after)
    assert {2, 3, 4, 5, 6, 7, 8} == plain(found.columns).keys()
    assert {ship: state for ship, state in ships(world).items() if state["arena"] == 0} == {
        ship: state for ship, state in plain(found.columns).items() if state["arena"] == 0
    }


def test_ships_that_came_since_the_checkpoint_are_there() -> None:
    """Their ids are not given out again."""
    world = inhabited(2)
    checkpoint = kept(world)
    world.admit(5)
    found = recovery.recover(checkpoint, seen(stepped(world, 1)))
    assert ships(world) == plain(found.columns)
    successor = World(arena_capacity=3, random=Random(1))
    successor.replace(found.tick, found.last_id, found.columns)
    assert not {berth.ship for berth in successor.admit(50)} & set(range(1, SKIPPED_IDS))


def test_ids_go_round_behind_the_checkpoint() -> None:
    """The gap for unseen ids may go past the greatest id."""
    world = inhabited(1)
    world._ids.last = MAX_ID - 1
    assert SKIPPED_IDS - 1 == last_id(recovery.recover(kept(world), []))
    world._ids.last = MAX_ID
    assert SKIPPED_IDS == last_id(recovery.recover(kept(world), []))


def last_id(found: Recovered) -> int:
    assert 1 <= found.last_id <= MAX_ID
    return found.last_id


def test_what_was_seen_long_ago_flies_on() -> None:
    """Up to the limit, the last tick included."""
    world = inhabited(4, seed=MOVING)
    before, old = ships(world)[4], seen(world, 1)
    stepped(world, CATCH_UP_TICKS)
    found = recovery.recover(None, old + seen(world, 0))
    assert ships(world) == plain(found.columns)
    assert before != ships(world)[4]


def test_a_ship_that_was_seen_in_two_arenas_is_in_the_newer_one() -> None:
    """Its id was given out again, or it was adopted elsewhere."""
    first, second = inhabited(4), inhabited(4, seed=5, ticks=1)
    stepped(second, 6)
    second.release([1, 2, 3])
    old = seen(stepped(first, 2), 0)
    new = seen(second, 1)
    moved = [Snapshot(1, EPOCH, new[0].tick, 1, 0.0, new[0].records.copy())]
    moved[0].records["id"] = 2
    for shots in (old + moved, moved + old):
        found = plain(recovery.recover(None, shots).columns)
        assert {1, 2, 3} == found.keys()
        assert (0, 1) == (found[1]["arena"], found[2]["arena"])
    kept_too = plain(recovery.recover(kept(first), moved).columns)
    assert (0, 1) == (kept_too[1]["arena"], kept_too[2]["arena"])


def test_what_was_seen_very_long_ago_stays_where_it_was() -> None:
    """Its later course is unknown."""
    world = inhabited(4, seed=MOVING)
    before, old = ships(world)[4], seen(world, 1)
    stepped(world, CATCH_UP_TICKS + 1)
    found = recovery.recover(None, old + seen(world, 0))
    assert CATCH_UP_TICKS + 1 == found.tick
    assert before == plain(found.columns)[4] != ships(world)[4]
    assert ships(world)[1] == plain(found.columns)[1]


def test_what_cannot_be_read_was_not_seen() -> None:
    """Gateways pass on what they once could read; it may be damaged on the way."""
    (shot,) = seen(inhabited(2))
    data = snapshot.encode(shot)
    assert [shot.tick] == [read.tick for read in recovery.decode_readable([b"", b"\xff", data, data[:-1]])]
