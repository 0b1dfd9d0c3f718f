"""How a successor puts the world together: the checkpoint, and what gateways saw since, whichever is newer. Pure.

A ship that was last seen some ticks before the newest moment flies on to it with the input that it had: movement is
exact, so that for all but the ships that steered meanwhile the result is what the last tick process had.
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

FLY_ON_TICKS: Final = 5 * TICK_RATE  # what was seen longer before the newest moment stays where it was seen
UNSEEN_IDS: Final = 4096  # ids that may have been given out since the checkpoint to players whom nobody here saw

_EPOCH_SHIFT: Final = 32  # a moment is (epoch, tick) in one number

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Recovered:
    """A world as it was at `tick`; the columns are those of app.sim.world.COLUMNS."""

    tick: int
    last_id: int
    columns: Columns


def moment(state: Checkpoint | Snapshot) -> tuple[int, int]:
    """Return when a state was: the greater, the newer."""
    return state.epoch, state.tick


def recover(kept: Checkpoint | None, seen: Iterable[Snapshot]) -> Recovered:
    """Return the ships of each arena as they were seen last, all flown on to the newest tick."""
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
        return Recovered(kept.tick if kept is not None else 0, _beyond_unseen(last_id), _nothing())
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(rows["moment"], kind="stable")[::-1]  # newest first: of equal ids np.unique takes the first
    _, first = np.unique(rows["id"][order], return_index=True)
    rows = {name: column[order][first] for name, column in rows.items()}
    tick = int(np.max(rows["moment"]) & 0xFFFF_FFFF)
    _fly_on(rows, tick)
    del rows["moment"]
    return Recovered(tick, _beyond_unseen(last_id or int(np.max(rows["id"]))), rows)


def readable(shots: Iterable[bytes]) -> list[Snapshot]:
    """Return the snapshots that can be read; gateways pass on what they once could read."""
    read: list[Snapshot] = []
    for shot in shots:
        try:
            read.append(snapshot.decode(shot))
        except Refused:
            continue
    return read


def _beyond_unseen(last_id: int) -> int:
    return (last_id + UNSEEN_IDS - 1) % MAX_ID + 1 if last_id else 0


def _from_checkpoint(kept: Checkpoint, but: list[int]) -> dict[str, NDArray[Any]]:
    """Return the ships of `kept`, but not those of some arenas."""
    berths = kept.berths[~np.isin(kept.berths["arena"], but)]
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


def _nothing() -> dict[str, NDArray[Any]]:
    columns = _columns(np.zeros(0, dtype=checkpoint.BERTH)["ship"], np.zeros(0, dtype=np.int32), 0, 0)
    del columns["moment"]
    return columns


def _fly_on(rows: dict[str, NDArray[Any]], tick: int) -> None:
    behind = tick - (rows["moment"] & np.uint64(0xFFFF_FFFF)).astype(np.int64)
    for steps in np.unique(behind):
        if 0 < steps <= FLY_ON_TICKS:
            late = np.flatnonzero(behind == steps)
            moving = {name: rows[name][late] for name in ("x", "y", "vx", "vy", "heading", "thrusting")}
            for _ in range(int(steps)):
                move(**moving)
            for name in ("x", "y", "vx", "vy"):
                rows[name][late] = moving[name]
