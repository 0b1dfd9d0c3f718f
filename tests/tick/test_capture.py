from random import Random

import numpy as np

from app.sim.world import Inputs, World
from app.tick import capture
from app.tick.players import Pilot, Players
from app.wire import checkpoint, records


def inhabited(ships: int, capacity: int) -> World:
    world = World(arena_capacity=capacity, random=Random(3))
    world.admit(ships)
    ids = world.id.astype(np.intp)
    count = len(ids)
    heading, sequence = np.arange(count, dtype=np.uint8), np.arange(count, dtype=np.uint8) + np.uint8(100)
    world.apply(Inputs(ids, heading, np.arange(count) % 2 == 0, sequence))
    for _ in range(5):
        world.step()
    return world


def test_each_arena_with_ships_is_one_snapshot() -> None:
    """With the tick, the steps and the time that it was given."""
    shots = capture.snapshots(inhabited(5, capacity=2), epoch=7, steps=2, published=12.5)
    assert [0, 1, 2] == [shot.arena for shot in shots]
    assert [2, 2, 1] == [len(shot.records) for shot in shots]
    assert {(7, 5, 2, 12.5)} == {(shot.epoch, shot.tick, shot.steps, shot.published) for shot in shots}


def test_an_empty_world_gives_none() -> None:
    """An arena without ships has no players."""
    assert [] == capture.snapshots(inhabited(0, capacity=2), epoch=7, steps=1, published=0.0)


def test_records_are_the_ships() -> None:
    """Field by field, and as the reader of the wire wants them."""
    world = inhabited(4, capacity=0)
    rows = capture.to_records(world)
    for name in ("id", "x", "y", "vx", "vy", "heading", "sequence"):
        assert getattr(world, name).tolist() == rows[name].tolist()
    assert world.thrusting.tolist() == (rows["flags"] == 1).tolist()
    assert rows.tobytes() == records.read(rows.tobytes()).tobytes()


def test_a_snapshot_stays_as_it_was() -> None:
    """The world goes on, what was captured does not."""
    world = inhabited(4, capacity=0)
    (shot,) = capture.snapshots(world, epoch=7, steps=1, published=0.0)
    before = shot.records.tobytes()
    world.step()
    assert before == shot.records.tobytes()


def test_a_checkpoint_is_the_world_and_its_players() -> None:
    """Ship by ship, and a successor makes the same pilots of it, none of them seated."""
    world = inhabited(4, capacity=2)
    players = Players(600)
    players.restore([Pilot(2**64 - ship, ship, ship, (ship - 1) // 2) for ship in (1, 2, 3)], 0)
    players.restore([Pilot(0, 0, 4, 1)], 0)
    kept = checkpoint.decode(checkpoint.encode(capture.to_checkpoint(world, players, epoch=7, gateways=["g", "h"])))
    assert (7, 5, 4, ["g", "h"]) == (kept.epoch, kept.tick, kept.last_id, kept.gateways)
    assert capture.to_records(world).tobytes() == kept.berths["ship"].tobytes()
    assert [players.pilot_of(ship) for ship in (1, 2, 3, 4)] == [
        Pilot(pilot.player, pilot.generation, pilot.ship, pilot.arena) for pilot in capture.pilots_of(kept)
    ]


def test_an_empty_world_is_kept_too() -> None:
    """Its tick and its ids go on."""
    world = inhabited(4, capacity=2)
    world.release([1, 2, 3, 4])
    kept = capture.to_checkpoint(world, Players(0), epoch=7, gateways=[])
    assert (5, 4, []) == (kept.tick, kept.last_id, capture.pilots_of(kept))
