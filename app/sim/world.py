"""The world: every ship of every arena in one set of arrays, sorted by (arena, id).

Sorted rows make each arena a contiguous slice whose ids ascend, which is the order of the wire; joining and leaving
pays for it, stepping and encoding, which happen every tick, do not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from app.sim.arenas import Arenas
from app.sim.ids import RollingIds
from app.sim.movement import move
from app.sim.rules import MAX_ID, MAX_SHIPS
from app.sim.spawn import scattered

_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Inputs:
    """The newest input of each ship that has one; arrays of shape (n,), ids without repetition."""

    ids: NDArray[np.intp]
    heading: NDArray[np.uint8]
    thrusting: NDArray[np.bool_]
    sequence: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Berth:
    """What a newcomer was given."""

    ship: int
    arena: int


class World:
    """The ships as a struct of arrays; row i of every column is one ship."""

    def __init__(self, *, arena_capacity: int, random: Random, max_ships: int = MAX_SHIPS) -> None:
        """Make an empty world; `arena_capacity` 0 means no limit, `max_ships` bounds all arenas together."""
        if not 1 <= max_ships <= MAX_SHIPS:
            raise ValueError(f"max_ships must be 1 to {MAX_SHIPS}, not {max_ships}")
        self.tick = 0
        self.arena: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self.id: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self.x: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self.y: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self.vx: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self.vy: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self.heading: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        self.thrusting: NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)
        self.sequence: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        self._row_of: NDArray[np.int32] = np.full(MAX_ID + 1, _NOBODY, dtype=np.int32)
        self._arenas = Arenas(arena_capacity)
        self._ids = RollingIds()
        self._random = random
        self._max_ships = max_ships

    def __len__(self) -> int:
        """Return the number of ships in all arenas."""
        return len(self.id)

    def __contains__(self, ship: int) -> bool:
        """Tell whether a ship of that id is in the world."""
        return bool(self._row_of[ship] != _NOBODY)

    def admit(self, newcomers: int) -> list[Berth]:
        """Add ships at rest; return a berth for each, or fewer when the world is full."""
        room = min(newcomers, self._max_ships - len(self))
        berths: list[Berth] = []
        while len(berths) < room and (ship := self._ids.take(self.tick)) is not None:
            berths.append(Berth(ship, self._arenas.join()))
        if berths:
            self._insert(berths)
        return berths

    def release(self, ships: Iterable[int]) -> None:
        """Take ships out of the world; ids that are not in it are ignored."""
        present = [ship for ship in set(ships) if ship in self]
        if not present:
            return
        rows = self._row_of[present]
        for ship, arena in zip(present, self.arena[rows].tolist(), strict=True):
            self._ids.give_back(ship, self.tick)
            self._arenas.leave(arena)
        keep = np.ones(len(self), dtype=np.bool_)
        keep[rows] = False
        self._row_of[present] = _NOBODY
        self._select(np.flatnonzero(keep))

    def apply(self, inputs: Inputs) -> None:
        """Set heading, thrust and sequence of the ships named; ids that are not in the world are ignored."""
        rows = self._row_of[inputs.ids]
        known = rows != _NOBODY
        rows = rows[known]
        self.heading[rows] = inputs.heading[known]
        self.thrusting[rows] = inputs.thrusting[known]
        self.sequence[rows] = inputs.sequence[known]

    def step(self) -> None:
        """Let every ship move for one tick."""
        move(self.x, self.y, self.vx, self.vy, self.heading, self.thrusting)
        self.tick += 1

    def slices(self) -> list[tuple[int, slice]]:
        """Return (arena, rows of its ships) for each arena with ships, ascending."""
        arenas, starts = np.unique(self.arena, return_index=True)
        edges = [*starts.tolist(), len(self)]
        return [(arena, slice(edges[i], edges[i + 1])) for i, arena in enumerate(arenas.tolist())]

    def ships_in(self, arena: int) -> int:
        """Return the number of ships in `arena`."""
        return self._arenas.ships(arena)

    def _insert(self, berths: list[Berth]) -> None:
        added = len(berths)
        places = [scattered(self._random) for _ in berths]
        self.arena = np.concatenate([self.arena, np.array([b.arena for b in berths], dtype=np.int32)])
        self.id = np.concatenate([self.id, np.array([b.ship for b in berths], dtype=np.int32)])
        self.x = np.concatenate([self.x, np.array([x for x, _ in places], dtype=np.int32)])
        self.y = np.concatenate([self.y, np.array([y for _, y in places], dtype=np.int32)])
        for name in ("vx", "vy", "heading", "thrusting", "sequence"):
            column = getattr(self, name)
            setattr(self, name, np.concatenate([column, np.zeros(added, dtype=column.dtype)]))
        self._select(np.lexsort((self.id, self.arena)))

    def _select(self, rows: NDArray[np.intp]) -> None:
        """Keep `rows` in that order and renumber."""
        for name in ("arena", "id", "x", "y", "vx", "vy", "heading", "thrusting", "sequence"):
            setattr(self, name, getattr(self, name)[rows])
        self._row_of[self.id] = np.arange(len(self), dtype=np.int32)
