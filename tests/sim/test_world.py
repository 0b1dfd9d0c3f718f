"""app.sim.world: ships come, steer, move and go; rows stay sorted by (arena, id)."""

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.sim.rules import MAX_SHIPS, SIZE, SPAWN_RADIUS
from app.sim.world import Inputs, World
from loadtest import scalar_model
from loadtest.scalar_model import Ship


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
    """Make an empty world with fixed randomness."""
    return World(arena_capacity=capacity, random=Random(1), max_ships=max_ships)


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


def test_a_limit_outside_the_ids_is_refused() -> None:
    """A world can't be made larger than ids allow."""
    with pytest.raises(ValueError, match="max_ships"):
        make(max_ships=MAX_SHIPS + 1)


def test_unknown_ships_are_ignored() -> None:
    """Inputs and releases for ships that are not there change nothing."""
    world = make()
    world.admit(1)
    world.apply(inputs((9, 1, True, 1)))
    world.release([9, 9])
    assert 1 == len(world)
    assert not world.thrusting.any()


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
        """Start both empty."""
        super().__init__()
        self.world = make(capacity=3, max_ships=40)
        self.model: dict[int, Ship] = {}

    @rule(newcomers=st.integers(0, 5))
    def join(self, newcomers: int) -> None:
        """Ships join; the model takes over where they appeared."""
        for berth in self.world.admit(newcomers):
            row = self.world.id.tolist().index(berth.ship)
            assert berth.ship not in self.model
            assert berth.arena == self.world.arena[row]
            self.model[berth.ship] = Ship(berth.ship, int(self.world.x[row]), int(self.world.y[row]))

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        """Some ships leave."""
        gone = data.draw(st.sets(st.sampled_from(sorted(self.model)), max_size=4))
        self.world.release(gone)
        for ship in gone:
            del self.model[ship]

    @precondition(lambda self: self.model)
    @rule(data=st.data(), heading=st.integers(0, 255), thrusting=st.booleans(), sequence=st.integers(0, 255))
    def steer(self, data: st.DataObject, heading: int, thrusting: bool, sequence: int) -> None:
        """A ship gets an input."""
        ship = self.model[data.draw(st.sampled_from(sorted(self.model)))]
        self.world.apply(inputs((ship.id, heading, thrusting, sequence)))
        ship.heading, ship.thrusting, ship.sequence = heading, thrusting, sequence

    @rule(ticks=st.integers(1, 30))
    def step(self, ticks: int) -> None:
        """Time passes."""
        for _ in range(ticks):
            self.world.step()
            for ship in self.model.values():
                scalar_model.step(ship)

    @invariant()
    def same(self) -> None:
        """Both have the same ships in the same state."""
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
