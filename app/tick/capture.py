"""Snapshots of a world: the arrays become wire records once a tick, each arena is a slice of them."""

import numpy as np

from app.sim.world import World
from app.wire.records import SHIP, Records
from app.wire.snapshot import Snapshot


def snapshots(world: World, *, epoch: int, steps: int, published: float) -> list[Snapshot]:
    """Return a snapshot of each arena with ships; `steps` since the inputs were drained, `published` Unix seconds."""
    records = to_records(world)
    return [Snapshot(arena, epoch, world.tick, steps, published, records[rows]) for arena, rows in world.slices()]


def to_records(world: World) -> Records:
    """Return all ships as wire records, sorted by (arena, id)."""
    records = np.empty(len(world), dtype=SHIP)
    records["id"] = world.id
    records["x"] = world.x
    records["y"] = world.y
    records["vx"] = world.vx
    records["vy"] = world.vy
    records["heading"] = world.heading
    records["flags"] = world.thrusting
    records["sequence"] = world.sequence
    return records
