"""app.sim.world: ships come, steer, move and go; rows stay sorted by (arena, id)."""

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.sim.rules import MAX_SHIPS, SIZE, SPAWN_RADIUS
from app.sim.world import COLUMNS, Berth, Inputs, World
from loadtest.players import scalar_model
from loadtest.players.scalar_model import Ship

STATE = {"x": 5, "y": 6, "vx": 7, "vy": -8, "heading": 9, "thrusting": 1, "sequence": 10}


def inputs(*rows: tuple[int, int, bool, int]) -> Inputs:
    """Make inputs of rows (id, heading, thrusting, sequence)."""
    columns: Any = zip(*rows, strict=True) if rows else ([], [], [], [])
    ids, heading, thrusting, sequence = columns
    return Inputs(
        np.array(ids, dtype=np.intp),
        np.array(heading, dtype=np.uint8),
        np.array(thrusting, dtype=np.bool_),
        np.array(sequence, dtype=np.uint8),
    )


def make(capacity: int = 0, max_ships: int = MAX_SHIPS) -> World:
    return World(arena_capacity=capacity, random=Random(1), max_ships=max_ships)


def columns(world: World) -> dict[str, Any]:
    return {name: getattr(world, name) for name in COLUMNS}


def live(world: World, what: str, random: Random) -> None:
    """Apply one kind of event to the world."""
    ids = world.id.tolist()
    match what:
        case "join":
            world.admit(random.randint(1, 3))
        case "leave":
            world.release(random.sample(ids, min(len(ids), 2)))
        case "steer":
            world.apply(inputs(*((ship, random.randrange(256), random.random() < 0.5, 1) for ship in ids)))
        case "step":
            world.step()


def test_newcomers_appear_at_rest_around_the_centre() -> None:
    """Every new ship lies within the spawn radius, without speed, heading or thrust."""
    world = make()
    world.admit(500)
    distance_squared = (world.x.astype(np.int64) - SIZE // 2) ** 2 + (world.y.astype(np.int64) - SIZE // 2) ** 2
    assert (distance_squared <= SPAWN_RADIUS**2).all()
    assert len(set(zip(world.x.tolist(), world.y.tolist(), strict=True))) > 490
    for column in (world.vx, world.vy, world.heading, world.thrusting):
        assert not column.any()


def test_a_full_world_admits_only_as_many_as_fit() -> None:
    """Beyond the greatest number of ships there is no berth."""
    world = make(max_ships=3)
    assert 2 == len(world.admit(2))
    assert 1 == len(world.admit(2))
    assert [] == world.admit(1)
    world.release([1])
    assert 1 == len(world.admit(5))


@pytest.mark.parametrize("max_ships", [0, MAX_SHIPS + 1])
def test_a_limit_outside_the_ids_is_refused(max_ships: int) -> None:
    """A world has room for at least one ship and for at most half of all ids."""
    with pytest.raises(ValueError, match="max_ships"):
        make(max_ships=max_ships)


def test_a_released_ship_is_gone_once() -> None:
    """Even if it is named twice: its arena has one place more, and inputs for it are ignored."""
    world = make(capacity=2)
    world.admit(3)
    world.release([1, 1])
    assert (1 in world, 2 in world) == (False, True)
    assert [1, 1] == [world.ships_in(0), world.ships_in(1)]
    world.apply(inputs((1, 9, True, 9)))
    world.coast([1])
    assert [0, 0] == world.sequence.tolist()


def test_a_released_id_rests() -> None:
    """From the tick of its release on, though all other ids are free."""
    world = make()
    world.tick = 1000
    world.admit(1)
    world.release([1])
    world._ids.last = 0
    assert [Berth(2, 0)] == world.admit(1)


def test_unknown_ships_are_ignored() -> None:
    """Inputs and releases for ships that are not there change nothing."""
    world = make()
    world.admit(1)
    world.apply(inputs((9, 1, True, 1)))
    world.release([9, 9])
    assert 1 == len(world)
    assert not world.thrusting.any()


def test_an_adopted_ship_is_where_another_world_left_it() -> None:
    """With its id, arena and motion; there is a place less."""
    world = make(capacity=1, max_ships=3)
    world.admit(1)
    assert world.adopt(9, 2, STATE)
    assert [(0, 1), (2, 9)] == list(zip(world.arena.tolist(), world.id.tolist(), strict=True))
    assert STATE == {name: getattr(world, name).tolist()[1] for name in STATE}
    assert 2 == world.arena_of(9)
    assert [Berth(2, 1)] == world.admit(2)


def test_a_ship_is_not_adopted_where_it_cannot_be() -> None:
    """Twice, over another one, or over the limit."""
    world = make(max_ships=2)
    world.admit(1)
    assert not world.adopt(1, 0, STATE)
    assert world.adopt(9, 0, STATE)
    assert not world.adopt(9, 1, STATE)
    assert not world.adopt(10, 0, STATE)
    assert [1, 9] == world.id.tolist()


def test_who_lets_go_coasts() -> None:
    """Without thrust, as fast as before; other ships and unknown ones do not mind."""
    world = make()
    world.admit(3)
    world.apply(inputs((1, 10, True, 5), (2, 20, True, 6), (3, 30, True, 7)))
    world.step()
    speed = world.vx.tolist()
    world.coast([3, 1, 900])
    world.coast([])
    assert [False, True, False] == world.thrusting.tolist()
    assert ([10, 20, 30], [5, 6, 7], speed) == (world.heading.tolist(), world.sequence.tolist(), world.vx.tolist())


@given(st.lists(st.sampled_from(["join", "join", "leave", "steer", "step"]), max_size=60), st.integers(0, 59))
def test_a_replaced_world_goes_on_bit_for_bit(history: list[str], succession: int) -> None:
    """As if it were the one whose place it took: ships, arenas, ids and the tick."""
    world, spawn = make(capacity=3), Random(0)
    for what in history[:succession]:
        live(world, what, spawn)
    successor = World(arena_capacity=3, random=Random(0))
    successor.admit(2)
    successor.replace(world.tick, world.last_id, columns(world))
    for what in history[succession:]:
        for twin in (world, successor):
            twin._random.seed(len(history))
            live(twin, what, Random(succession))
        assert (world.tick, world.last_id) == (successor.tick, successor.last_id)
        assert {name: column.tolist() for name, column in columns(world).items()} == {
            name: column.tolist() for name, column in columns(successor).items()
        }


def test_a_replaced_world_has_only_the_new_ships() -> None:
    """The ids of the old ones are unknown, and those of the new ones are not given out again."""
    before, after = make(), make()
    before.admit(3)
    after.admit(5)
    after.replace(0, 0, columns(before))
    assert [True] * 3 + [False] * 2 == [ship in after for ship in range(1, 6)]
    assert [Berth(4, 0)] == after.admit(1)


def test_a_replaced_world_is_independent() -> None:
    """What it was made of does not move with it; its rows are sorted, and its tick and ids go on."""
    before = make()
    before.admit(3)
    shuffled = {name: column[[2, 0, 1]] for name, column in columns(before).items()}
    shuffled["arena"] = np.array([1, 0, 0], dtype=np.uint16)
    for column in shuffled.values():
        column.flags.writeable = False
    after = make()
    after.replace(77, 40, shuffled)
    after.coast([1])
    after.step()
    assert 78 == after.tick
    assert [(0, slice(0, 2)), (1, slice(2, 3))] == after.slices()
    assert [1, 2, 3] == after.id.tolist()
    assert [Berth(41, 0)] == after.admit(1)
    assert [3, 1] == [after.ships_in(0), after.ships_in(1)]


def test_arenas_are_slices() -> None:
    """Each arena is one run of rows with ascending ids."""
    world = make(capacity=2)
    world.admit(5)
    assert [(0, slice(0, 2)), (1, slice(2, 4)), (2, slice(4, 5))] == world.slices()
    assert [1, 2, 3, 4, 5] == world.id.tolist()
    world.release([2])
    world.admit(1)
    assert [1, 6, 3, 4, 5] == world.id.tolist()
    assert [0, 0, 1, 1, 2] == world.arena.tolist()


class AnyHistory(RuleBasedStateMachine):
    """A world and a dictionary of scalar ships live through the same history."""

    def __init__(self) -> None:
        super().__init__()
        self.world = make(capacity=3, max_ships=40)
        self.model: dict[int, Ship] = {}
        self.ever: set[int] = set()

    @rule(newcomers=st.integers(0, 5))
    def join(self, newcomers: int) -> None:
        """Ships join; the model copies their positions."""
        for berth in self.world.admit(newcomers):
            row = self.world.id.tolist().index(berth.ship)
            assert berth.ship not in self.ever
            self.ever.add(berth.ship)
            assert berth.arena == self.world.arena[row]
            self.model[berth.ship] = Ship(berth.ship, int(self.world.x[row]), int(self.world.y[row]))

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        gone = data.draw(st.sets(st.sampled_from(sorted(self.model)), max_size=4))
        self.world.release(gone)
        for ship in gone:
            del self.model[ship]

    @precondition(lambda self: self.model)
    @rule(data=st.data(), heading=st.integers(0, 255), thrusting=st.booleans(), sequence=st.integers(0, 255))
    def steer(self, data: st.DataObject, heading: int, thrusting: bool, sequence: int) -> None:
        ship = self.model[data.draw(st.sampled_from(sorted(self.model)))]
        self.world.apply(inputs((ship.id, heading, thrusting, sequence)))
        ship.heading, ship.thrusting, ship.sequence = heading, thrusting, sequence

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def let_go(self, data: st.DataObject) -> None:
        ships = data.draw(st.sets(st.sampled_from(sorted(self.model)), max_size=4))
        self.world.coast(ships)
        for ship in ships:
            self.model[ship].thrusting = False

    @rule()
    def succeed(self) -> None:
        """Another world takes the place of this one."""
        successor = make(capacity=3, max_ships=40)
        successor.replace(self.world.tick, self.world.last_id, columns(self.world))
        self.world = successor

    @rule(ticks=st.integers(1, 30))
    def step(self, ticks: int) -> None:
        for _ in range(ticks):
            self.world.step()
            for ship in self.model.values():
                scalar_model.step(ship)

    @invariant()
    def same(self) -> None:
        names = ("id", "x", "y", "vx", "vy", "heading", "thrusting", "sequence")
        rows = zip(*(getattr(self.world, name).tolist() for name in names), strict=True)
        assert sorted(rows) == [tuple(getattr(self.model[ship], name) for name in names) for ship in sorted(self.model)]

    @invariant()
    def sorted_by_arena_and_id(self) -> None:
        """Rows are sorted, and no arena holds more than its capacity."""
        keys = list(zip(self.world.arena.tolist(), self.world.id.tolist(), strict=True))
        assert keys == sorted(set(keys))
        assert all(self.world.ships_in(arena) == rows.stop - rows.start <= 3 for arena, rows in self.world.slices())


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
