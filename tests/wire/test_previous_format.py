"""The previous format, byte for byte as the release before writes it: a rollout and its rollback need no order."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import override_settings

from app.gateway.player import ticket
from app.gateway.player.ticket import Ticket
from app.wire import checkpoint, snapshot, uplink
from app.wire.checkpoint import Checkpoint
from app.wire.formats import FORMAT, PREVIOUS
from app.wire.records import SHIP
from app.wire.snapshot import Snapshot
from app.wire.uplink import BERTH, ENTRY, Answer, Batch

VECTORS = json.loads((Path(__file__).parent.parent / "golden" / f"format_{PREVIOUS}.json").read_text())


def named(kind: str) -> list[Any]:
    assert VECTORS[kind]
    return [pytest.param(vector["value"], bytes.fromhex(vector["hex"]), id=vector["name"]) for vector in VECTORS[kind]]


def rows(entries: list[list[Any]], dtype: np.dtype[Any]) -> Any:
    return np.array([tuple(entry) for entry in entries], dtype=dtype)


def batch_of(value: dict[str, Any], reads: int) -> Batch:
    roster = None if value["roster"] is None else rows(value["roster"], ENTRY).tobytes()
    who = (value["gateway"], value["reply"], value["epoch"], value["roster_version"])
    seen = [bytes.fromhex(shot) for shot in value["seen"]]
    return Batch(PREVIOUS, *who, roster, bytes.fromhex(value["steers"]), seen, reads)


def answer_of(value: dict[str, Any], reads: int) -> Answer:
    berths = rows(value["berths"], BERTH).tobytes()
    return Answer(PREVIOUS, value["epoch"], value["tick"], berths, value["roster_wanted"], reads)


def checkpoint_of(value: dict[str, Any]) -> Checkpoint:
    berths = [[tuple(ship), *rest] for ship, *rest in value["berths"]]
    kept = rows(berths, checkpoint.BERTH)
    return Checkpoint(value["epoch"], value["tick"], value["last_id"], value["gateways"], kept)


def test_these_are_the_vectors_of_the_release_before() -> None:
    """A change of the format needs new ones."""
    assert FORMAT - 1 == PREVIOUS
    assert {PREVIOUS} == {bytes.fromhex(vector["hex"])[0] for vector in VECTORS["snapshots"]}


@pytest.mark.parametrize(("value", "data"), named("batches"))
def test_batches_are_the_same_both_ways(value: dict[str, Any], data: bytes) -> None:
    """What the other reads is in the last byte; all else is equal, byte for byte."""
    assert batch_of(value, PREVIOUS) == uplink.decode_batch(data)
    assert data[:-1] + bytes([FORMAT]) == uplink.encode(batch_of(value, FORMAT))


@pytest.mark.parametrize(("value", "data"), named("answers"))
def test_answers_are_the_same_both_ways(value: dict[str, Any], data: bytes) -> None:
    """As batches are."""
    assert answer_of(value, PREVIOUS) == uplink.decode_answer(data)
    assert data[:-1] + bytes([FORMAT]) == uplink.encode(answer_of(value, FORMAT))


@pytest.mark.parametrize(("value", "data"), named("snapshots"))
def test_snapshots_are_the_same_both_ways(value: dict[str, Any], data: bytes) -> None:
    """Byte for byte."""
    ships = rows(value["ships"], SHIP)
    head = (value["arena"], value["epoch"], value["tick"], value["steps"], value["published"])
    read = snapshot.decode(data)
    assert head == (read.arena, read.epoch, read.tick, read.steps, read.published)
    assert ships.tobytes() == read.records.tobytes()
    assert data == snapshot.encode(Snapshot(*head, ships), PREVIOUS)


@pytest.mark.parametrize(("value", "data"), named("checkpoints"))
def test_a_checkpoint_is_read(value: dict[str, Any], data: bytes) -> None:
    """An upgrade finds every ship and player."""
    wanted, read = checkpoint_of(value), checkpoint.decode(data)
    assert (wanted.epoch, wanted.tick, wanted.last_id) == (read.epoch, read.tick, read.last_id)
    assert wanted.gateways == read.gateways
    assert wanted.berths.tolist() == read.berths.tolist()


@pytest.mark.parametrize(("value", "data"), named("checkpoints"))
def test_the_release_before_reads_our_checkpoint(value: dict[str, Any], data: bytes) -> None:
    """A rollback finds them too: ours names it as a reader, and differs in that, the format and the checksum only."""
    ours = checkpoint.encode(checkpoint_of(value))
    assert bytes([FORMAT, PREVIOUS]) == ours[4:6]
    assert data[6:-4] == ours[6:-4]


@pytest.mark.parametrize("vector", VECTORS["tickets"], ids=lambda vector: vector["name"])
def test_a_ticket_is_read(vector: dict[str, Any]) -> None:
    """Its bearer is the same player, over whichever gateway."""
    with override_settings(SECRET_KEY="the key of the vectors"):
        who = ticket.decode(vector["text"].encode())
    assert Ticket(vector["value"]["player"], vector["value"]["generation"]) == who
