"""The world: every ship of every arena in one set of arrays, sorted by (arena, id).

Sorted rows make each arena a contiguous slice with ascending ids, which is the order on the wire. Joining and leaving
cost more for that; stepping and encoding, which happen every tick, cost less.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.sim.arenas import Arenas
from app.sim.ids import RollingIds
from app.sim.movement import move
from app.sim.rules import MAX_ID, MAX_SHIPS
from app.sim.spawn import scattered

COLUMNS: Final = {
    "arena": np.int32,
    "id": np.int32,
    "x": np.int32,
    "y": np.int32,
    "vx": np.int32,
    "vy": np.int32,
    "heading": np.uint8,
    "thrusting": np.bool_,
    "sequence": np.uint8,
}
"""The state of a ship: the names and types of all columns."""

_NO_ROW = -1


@dataclass(frozen=True, slots=True)
class Inputs:
    """The newest input of each ship that has a new one; arrays of shape (n,), ids unique."""

    ids: NDArray[np.intp]
    heading: NDArray[np.uint8]
    thrusting: NDArray[np.bool_]
    sequence: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Berth:
    """The ship and the arena of a new player."""

    ship: int
    arena: int


class World:
    """The ships as columns; row i of every column is one ship."""

    def __init__(self, *, arena_capacity: int, random: Random, max_ships: int = MAX_SHIPS) -> None:
        """Start empty; `arena_capacity` 0 means no limit, `max_ships` bounds all arenas together. Raises ValueError."""
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
        self._row_of: NDArray[np.int32] = np.full(MAX_ID + 1, _NO_ROW, dtype=np.int32)
        self._arenas = Arenas(arena_capacity)
        self._ids = RollingIds()
        self._random = random
        self._max_ships = max_ships

    def __len__(self) -> int:
        return len(self.id)

    def __contains__(self, ship: int) -> bool:
        return bool(self._row_of[ship] != _NO_ROW)

    def admit(self, newcomers: int) -> list[Berth]:
        """Add ships at rest; return a berth for each, or fewer if the world is full."""
        room = min(newcomers, self._max_ships - len(self))
        berths: list[Berth] = []
        while len(berths) < room and (ship := self._ids.take(self.tick)) is not None:
            berths.append(Berth(ship, self._arenas.join()))
        if berths:
            self._insert(berths)
        return berths

    def adopt(self, ship: int, arena: int, state: Mapping[str, int]) -> bool:
        """Add a ship with its `state`, by the names of COLUMNS; return False without room or if its id is taken."""
        if len(self) >= self._max_ships or not self._ids.claim(ship):
            return False
        self._arenas.join_at(arena)
        self._add({"arena": [arena], "id": [ship], **{name: [value] for name, value in state.items()}})
        return True

    def replace(self, tick: int, last_id: int, columns: Mapping[str, NDArray[Any]]) -> None:
        """Replace all ships by `columns`, as in COLUMNS with unique ids; the next new id follows `last_id`."""
        self.tick = tick
        self._row_of[:] = _NO_ROW
        self._ids = RollingIds(last_id)
        self._arenas = Arenas(self._arenas.capacity)
        for name, dtype in COLUMNS.items():
            setattr(self, name, np.asarray(columns[name]).astype(dtype))
        for ship, arena in zip(self.id.tolist(), self.arena.tolist(), strict=True):
            self._ids.claim(ship)
            self._arenas.join_at(arena)
        self._select(np.lexsort((self.id, self.arena)))

    def coast(self, ships: Iterable[int]) -> None:
        """End the thrust of ships; ids that are not in the world are ignored."""
        rows = self._row_of[list(ships)]
        self.thrusting[rows[rows != _NO_ROW]] = False

    def arena_of(self, ship: int) -> int:
        """Return the arena of a ship that is in the world."""
        return int(self.arena[self._row_of[ship]])

    @property
    def room(self) -> int:
        """The number of ships that still fit."""
        return self._max_ships - len(self)

    @property
    def last_id(self) -> int:
        """The id that was given out last."""
        return self._ids.last

    def release(self, ships: Iterable[int]) -> None:
        """Remove ships; ids that are not in the world are ignored."""
        present = [ship for ship in set(ships) if ship in self]
        if not present:
            return
        rows = self._row_of[present]
        for ship, arena in zip(present, self.arena[rows].tolist(), strict=True):
            self._ids.give_back(ship, self.tick)
            self._arenas.leave(arena)
        keep = np.ones(len(self), dtype=np.bool_)
        keep[rows] = False
        self._row_of[present] = _NO_ROW
        self._select(np.flatnonzero(keep))

    def apply(self, inputs: Inputs) -> None:
        """Set heading, thrust and sequence of ships; ids that are not in the world are ignored."""
        rows = self._row_of[inputs.ids]
        known = rows != _NO_ROW
        rows = rows[known]
        self.heading[rows] = inputs.heading[known]
        self.thrusting[rows] = inputs.thrusting[known]
        self.sequence[rows] = inputs.sequence[known]

    def step(self) -> None:
        move(self.x, self.y, self.vx, self.vy, self.heading, self.thrusting)
        self.tick += 1

    def slices(self) -> list[tuple[int, slice]]:
        """Return (arena, rows of its ships) for each arena with ships, ascending."""
        arenas, starts = np.unique(self.arena, return_index=True)
        edges = [*starts.tolist(), len(self)]
        return [(arena, slice(edges[i], edges[i + 1])) for i, arena in enumerate(arenas.tolist())]

    def ships_in(self, arena: int) -> int:
        return self._arenas.ships(arena)

    def _insert(self, berths: list[Berth]) -> None:
        places = [scattered(self._random) for _ in berths]
        self._add(
            {
                "arena": [berth.arena for berth in berths],
                "id": [berth.ship for berth in berths],
                "x": [x for x, _ in places],
                "y": [y for _, y in places],
            }
        )

    def _add(self, added: Mapping[str, Sequence[int]]) -> None:
        """Append rows; missing columns are zero."""
        nothing = [0] * len(added["id"])
        for name, dtype in COLUMNS.items():
            rows: NDArray[Any] = np.array(added.get(name, nothing), dtype=dtype)
            setattr(self, name, np.concatenate([getattr(self, name), rows]))
        self._select(np.lexsort((self.id, self.arena)))

    def _select(self, rows: NDArray[np.intp]) -> None:
        """Keep only `rows`, in that order."""
        for name in COLUMNS:
            setattr(self, name, getattr(self, name)[rows])
        self._row_of[self.id] = np.arange(len(self), dtype=np.int32)
