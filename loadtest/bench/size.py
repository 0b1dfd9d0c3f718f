"""The bytes of the protocol for recorded play of 100 ships: deltas beside keyframes, pictures and JSON."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

import numpy as np

from app.sim.world import Inputs, World
from app.tick import capture
from app.wire import delta, outputs, tutorial
from app.wire.snapshot import Snapshot
from loadtest.players.people import Controls, Person
from loadtest.report.tables import Table

SHIPS: Final = 100
TICKS: Final = 1200  # a minute
SEED: Final = 1  # the recording is this seed: the same play on every machine


@dataclass(slots=True)
class Sizes:
    """Bytes of all messages of a play (payloads, without the 2 to 4 bytes of WebSocket header)."""

    ships: int
    ticks: int = 0
    updates: int = 0  # inputs that changed a ship
    deltas: int = 0
    checksums: int = 0
    keyframes: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    json: list[int] = field(default_factory=list)


def measure(ships: int, ticks: int, *, steering: bool) -> Sizes:
    """Play and measure; without `steering` no input changes and half of the ships thrust."""
    random = Random(SEED)  # noqa: S311  # a game of chance
    world = World(arena_capacity=0, random=random)
    people = {berth.ship: Person(random) for berth in world.admit(ships)}
    held = {ship: Controls(0, thrusting=False) for ship in people}
    sequences = dict.fromkeys(people, 0)
    if not steering:
        _apply(world, {ship: Controls(ship % 256, thrusting=ship % 2 == 0) for ship in people}, sequences)
    sizes = Sizes(ships)
    before = shot(world)
    for _ in range(ticks):
        changed = _changed(people, held) if steering else {}
        _apply(world, changed, sequences)
        world.step()
        after = shot(world)
        _weigh(sizes, before, after, len(changed))
        before = after
    return sizes


def table() -> Table:
    played, idle = (measure(SHIPS, TICKS, steering=steering) for steering in (True, False))
    rows = [
        ("delta, all of it, per steering ship and update", f"{played.deltas / played.updates:.2f}", "at most 3"),
        ("delta, per ship that keeps its input", f"{idle.deltas / idle.ticks / idle.ships:.3f}", "at most 0.1"),
        ("delta, per ship and tick of the play", f"{_per_ship(played.deltas, played):.2f}", ""),
        ("checksums, per ship and tick", f"{_per_ship(played.checksums, played):.3f}", ""),
        ("keyframe, per ship", f"{_mean(played.keyframes) / played.ships:.1f}", ""),
        ("picture (full mode), per ship and tick", f"{_mean(played.pictures) / played.ships:.1f}", ""),
        ("tutorial's JSON, per ship and tick", f"{_mean(played.json) / played.ships:.1f}", ""),
        ("tutorial's JSON, as a multiple of the deltas", f"{sum(played.json) / played.deltas:.0f}", ""),
    ]
    share = played.updates / played.ticks / played.ships
    title = f"Bytes: {SHIPS} people-like ships for {TICKS} ticks, {share:.0%} of them steering at any tick"
    return Table(title, ("what", "bytes", "target"), rows)


def _changed(people: dict[int, Person], held: dict[int, Controls]) -> dict[int, Controls]:
    now = {ship: person.controls() for ship, person in people.items()}
    changed = {ship: controls for ship, controls in now.items() if controls != held[ship]}
    held.update(changed)
    return changed


def _apply(world: World, controls: dict[int, Controls], sequences: dict[int, int]) -> None:
    for ship in controls:
        sequences[ship] = (sequences[ship] + 1) % 256
    world.apply(
        Inputs(
            np.array(list(controls), dtype=np.intp),
            np.array([c.heading for c in controls.values()], dtype=np.uint8),
            np.array([c.thrusting for c in controls.values()], dtype=np.bool_),
            np.array([sequences[ship] for ship in controls], dtype=np.uint8),
        )
    )


def shot(world: World) -> Snapshot:
    (shot,) = capture.snapshots(world, epoch=1, steps=1, published=0.0)
    return shot


def _weigh(sizes: Sizes, before: Snapshot, after: Snapshot, updates: int) -> None:
    sizes.ticks += 1
    sizes.updates += updates
    sizes.deltas += len(delta.encode(before, after))
    if after.tick % outputs.TICK_RATE == 0:
        sizes.checksums += len(outputs.encode_checksum(after.records))
    sizes.keyframes.append(len(outputs.encode_keyframe(1, after.tick, after.records)))
    sizes.pictures.append(len(outputs.encode_full(1, after.tick, after.records)))
    sizes.json.append(len(tutorial.encode_state(after.records)))


def _per_ship(total: int, sizes: Sizes) -> float:
    return total / sizes.ticks / sizes.ships


def _mean(values: list[int]) -> float:
    return sum(values) / len(values)
