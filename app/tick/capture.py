"""Turns a world into wire records once per tick: snapshots, of which each arena is a slice, and checkpoints."""

import numpy as np

from app.sim.world import World
from app.tick.players import Pilot, Players
from app.wire import checkpoint
from app.wire.checkpoint import Checkpoint
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


def to_checkpoint(world: World, players: Players, *, epoch: int, gateways: list[str]) -> Checkpoint:
    """Return the checkpoint of a world; `gateways` are the names for which a successor waits."""
    berths = np.zeros(len(world), dtype=checkpoint.BERTH)
    berths["ship"] = to_records(world)
    berths["arena"] = world.arena
    pilots = [players.pilot_of(ship) for ship in world.id.tolist()]
    berths["player"] = [pilot.player if pilot else 0 for pilot in pilots]
    berths["generation"] = [pilot.generation if pilot else 0 for pilot in pilots]
    return Checkpoint(epoch, world.tick, world.last_id, gateways, berths)


def pilots_of(kept: Checkpoint) -> list[Pilot]:
    """Return the pilots of a checkpoint, without seats."""
    berths = kept.berths
    rows = zip(
        berths["player"].tolist(),
        berths["generation"].tolist(),
        berths["ship"]["id"].tolist(),
        berths["arena"].tolist(),
        strict=True,
    )
    return [Pilot(*row) for row in rows]
