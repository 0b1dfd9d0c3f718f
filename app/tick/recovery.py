"""How a successor rebuilds the world: from the checkpoint and from what gateways saw, whichever is newer. Pure.

A ship whose last state is some ticks older than the newest one is moved to the same tick with the input that it had.
Movement is exact, so the result equals the last tick's world, except for ships whose input changed in between.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.sim.movement import move
from app.sim.rules import MAX_ID, TICK_RATE
from app.wire import checkpoint, snapshot
from app.wire.checkpoint import Checkpoint
from app.wire.refusal import Refused
from app.wire.snapshot import Snapshot

CATCH_UP_TICKS: Final = 5 * TICK_RATE  # a ship whose last state is older stays where it was seen
SKIPPED_IDS: Final = 4096  # ids that the last tick may have given out since the checkpoint and that no snapshot shows

_EPOCH_SHIFT: Final = 32  # a moment is (epoch, tick) in one number

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Recovered:
    """A world after `tick`, in the columns of app.sim.world.COLUMNS."""

    tick: int
    last_id: int
    columns: Columns


def moment(state: Checkpoint | Snapshot) -> tuple[int, int]:
    """Return (epoch, tick), by which states are ordered in time."""
    return state.epoch, state.tick


def recover(kept: Checkpoint | None, seen: Iterable[Snapshot]) -> Recovered:
    """Return the newest known state of each ship, all of them moved to the newest tick."""
    newest: dict[int, Snapshot] = {}
    for shot in sorted(seen, key=moment):
        if kept is None or moment(shot) > moment(kept):
            newest[shot.arena] = shot
    parts = [_from_snapshot(shot) for shot in newest.values()]
    if kept is not None:
        parts.append(_from_checkpoint(kept, list(newest)))
    parts = [part for part in parts if len(part["id"])]
    last_id = kept.last_id if kept is not None else 0
    if not parts:
        return Recovered(kept.tick if kept is not None else 0, _skip_ids(last_id), _no_ships())
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(rows["moment"], kind="stable")[::-1]  # newest first: of equal ids np.unique takes the first
    _, first = np.unique(rows["id"][order], return_index=True)
    rows = {name: column[order][first] for name, column in rows.items()}
    tick = int(np.max(rows["moment"]) & 0xFFFF_FFFF)
    _move_to(rows, tick)
    del rows["moment"]
    return Recovered(tick, _skip_ids(last_id or int(np.max(rows["id"]))), rows)


def decode_readable(shots: Iterable[bytes]) -> list[Snapshot]:
    """Return the snapshots that can be decoded; the others are dropped, since gateways may send any bytes."""
    decoded: list[Snapshot] = []
    for shot in shots:
        try:
            decoded.append(snapshot.decode(shot))
        except Refused:
            continue
    return decoded


def _skip_ids(last_id: int) -> int:
    return (last_id + SKIPPED_IDS - 1) % MAX_ID + 1 if last_id else 0


def _from_checkpoint(kept: Checkpoint, without_arenas: list[int]) -> dict[str, NDArray[Any]]:
    berths = kept.berths[~np.isin(kept.berths["arena"], without_arenas)]
    return _columns(berths["ship"], berths["arena"], kept.epoch, kept.tick)


def _from_snapshot(shot: Snapshot) -> dict[str, NDArray[Any]]:
    arena = np.full(len(shot.records), shot.arena, dtype=np.int32)
    return _columns(shot.records, arena, shot.epoch, shot.tick)


def _columns(ships: NDArray[Any], arena: NDArray[Any], epoch: int, tick: int) -> dict[str, NDArray[Any]]:
    columns = {name: ships[name].astype(np.int32) for name in ("id", "x", "y", "vx", "vy")}
    columns |= {name: ships[name].astype(np.uint8) for name in ("heading", "sequence")}
    columns["thrusting"] = ships["flags"].astype(np.bool_)
    columns["arena"] = arena.astype(np.int32)
    columns["moment"] = np.full(len(ships), epoch << _EPOCH_SHIFT | tick, dtype=np.uint64)
    return columns


def _no_ships() -> dict[str, NDArray[Any]]:
    columns = _columns(np.zeros(0, dtype=checkpoint.BERTH)["ship"], np.zeros(0, dtype=np.int32), 0, 0)
    del columns["moment"]
    return columns


def _move_to(rows: dict[str, NDArray[Any]], tick: int) -> None:
    behind = tick - (rows["moment"] & np.uint64(0xFFFF_FFFF)).astype(np.int64)
    for steps in np.unique(behind):
        if 0 < steps <= CATCH_UP_TICKS:
            late = np.flatnonzero(behind == steps)
            moving = {name: rows[name][late] for name in ("x", "y", "vx", "vy", "heading", "thrusting")}
            for _ in range(int(steps)):
                move(**moving)
            for name in ("x", "y", "vx", "vy"):
                rows[name][late] = moving[name]
