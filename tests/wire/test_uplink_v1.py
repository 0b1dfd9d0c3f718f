"""The previous format, byte for byte as the release before wrote it: a rollout and its rollback need no order."""

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from app.wire import snapshot, uplink
from app.wire.formats import FORMAT, PREVIOUS
from app.wire.records import SHIP
from app.wire.snapshot import Snapshot
from app.wire.uplink import BERTH, BERTHED, ENTRY, NO_PLAYER, NO_SHIP, WORLD_FULL, Answer, Batch

VECTORS = json.loads((Path(__file__).parent.parent / "golden" / "format_1.json").read_text())


class OldEntry(msgspec.Struct, array_like=True):
    """As the release before read and wrote it; so are the others."""

    session: int
    ship: int
    arena: int


class OldBatch(msgspec.Struct, array_like=True):
    format: int
    gateway: str
    reply: str
    epoch: int
    roster_version: int
    roster: list[OldEntry] | None
    steers: bytes


class OldAnswer(msgspec.Struct, array_like=True):
    format: int
    epoch: int
    tick: int
    berths: list[OldEntry]
    roster_wanted: bool


def named(kind: str) -> list[Any]:
    assert VECTORS[kind]
    return [pytest.param(vector["value"], bytes.fromhex(vector["hex"]), id=vector["name"]) for vector in VECTORS[kind]]


def batch_of(value: dict[str, Any]) -> Batch:
    roster = value["roster"]
    if roster is not None:
        rows = [(session, NO_PLAYER, 0, ship, arena) for session, ship, arena in roster]
        roster = np.array(rows, dtype=ENTRY).tobytes()
    return Batch(
        PREVIOUS,
        value["gateway"],
        value["reply"],
        value["epoch"],
        value["roster_version"],
        roster,
        bytes.fromhex(value["steers"]),
        reads=PREVIOUS,
    )


def answer_of(value: dict[str, Any]) -> Answer:
    rows = [
        (session, 0, ship, arena, WORLD_FULL if ship == NO_SHIP else BERTHED)
        for session, ship, arena in value["berths"]
    ]
    berths = np.array(rows, dtype=BERTH).tobytes()
    return Answer(PREVIOUS, value["epoch"], value["tick"], berths, value["roster_wanted"], PREVIOUS)


@pytest.mark.parametrize(("value", "data"), named("batches"))
def test_an_old_batch_is_read(value: dict[str, Any], data: bytes) -> None:
    """As one whose gateway knows no tickets and reads nothing newer."""
    assert batch_of(value) == uplink.decode_batch(data)


@pytest.mark.parametrize(("value", "data"), named("batches"))
def test_an_old_tick_reads_our_batch(value: dict[str, Any], data: bytes) -> None:
    """It finds the very same in it as in its own."""
    ours = uplink.encode(msgspec.structs.replace(batch_of(value), reads=FORMAT))
    assert data == msgspec.msgpack.encode(msgspec.msgpack.decode(ours, type=OldBatch))


@pytest.mark.parametrize(("value", "data"), named("answers"))
def test_an_old_answer_is_read(value: dict[str, Any], data: bytes) -> None:
    """A ship without a generation, or none since the world is full."""
    assert answer_of(value) == uplink.decode_answer(data)


@pytest.mark.parametrize(("value", "data"), named("answers"))
def test_an_old_gateway_reads_our_answer(value: dict[str, Any], data: bytes) -> None:
    """It finds the very same in it as in that of its own tick."""
    ours = uplink.encode(msgspec.structs.replace(answer_of(value), reads=FORMAT))
    assert data == msgspec.msgpack.encode(msgspec.msgpack.decode(ours, type=OldAnswer))


@pytest.mark.parametrize(("value", "data"), named("snapshots"))
def test_snapshots_are_the_same_both_ways(value: dict[str, Any], data: bytes) -> None:
    """Byte for byte."""
    ships = np.array([tuple(ship) for ship in value["ships"]], dtype=SHIP)
    head = (value["arena"], value["epoch"], value["tick"], value["steps"], value["published"])
    read = snapshot.decode(data)
    assert head == (read.arena, read.epoch, read.tick, read.steps, read.published)
    assert ships.tobytes() == read.records.tobytes()
    assert data == snapshot.encode(Snapshot(*head, ships), PREVIOUS)
