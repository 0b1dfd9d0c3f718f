"""app.wire.checkpoint: a whole world in Redis, exact or refused."""

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire import checkpoint
from app.wire.checkpoint import BERTH, Checkpoint
from app.wire.records import CAP, SIZE
from app.wire.refusal import Refused
from tests.wire.damage import hurt

REASONS = {"damaged", "format", "length", "order", "range"}

u32 = st.integers(0, 0xFFFF_FFFF)
u8 = st.integers(0, 255)
speeds = st.integers(-CAP // 2, CAP // 2)  # of which no two exceed the cap together
places = st.integers(0, SIZE - 1)
ships = st.tuples(st.integers(1, 65535), places, places, speeds, speeds, u8, st.integers(0, 1), u8)
berths = st.tuples(ships, st.integers(0, 65535), st.just(0) | st.integers(1, 2**64 - 1), u32)


def rows(berths: list[Any]) -> checkpoint.Berths:
    return np.array(sorted(berths, key=lambda berth: (berth[1], berth[0][0])), dtype=BERTH)


worlds = st.lists(
    berths, max_size=8, unique_by=(lambda berth: berth[0][0], lambda berth: berth[2] or -berth[0][0])
).map(rows)
checkpoints = st.builds(
    Checkpoint,
    epoch=u32,
    tick=u32,
    last_id=st.integers(0, 65535),
    gateways=st.lists(st.text(max_size=9)),
    berths=worlds,
)

SHIP = (5, 10, 20, 1, -1, 64, 1, 9)


def kept(*berths: Any) -> bytes:
    return checkpoint.encode(Checkpoint(7, 50, 9, ["g"], np.array(list(berths), dtype=BERTH)))


def sealed(body: bytes) -> bytes:
    """With the checksum that belongs to it."""
    return body + zlib.crc32(body).to_bytes(4, "little")


def reason(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        checkpoint.decode(data)
    return refused.value.reason


@given(checkpoints)
def test_what_is_kept_is_found(before: Checkpoint) -> None:
    """Every ship, player and gateway, exactly."""
    after = checkpoint.decode(checkpoint.encode(before))
    assert (before.epoch, before.tick, before.last_id) == (after.epoch, after.tick, after.last_id)
    assert before.gateways == after.gateways
    assert before.berths.tolist() == after.berths.tolist()


@given(st.binary(max_size=80) | hurt(checkpoints.map(checkpoint.encode)))
def test_any_bytes_are_a_checkpoint_or_a_refusal_by_name(data: bytes) -> None:
    """No bytes raise anything but Refused."""
    try:
        checkpoint.decode(data)
    except Refused as refused:
        assert refused.reason in REASONS


@given(hurt(checkpoints.map(lambda kept: checkpoint.encode(kept)[:-4])))
def test_any_bytes_with_the_right_checksum_are_refused_by_name_too(body: bytes) -> None:
    """A release with a fault of its own may have written them."""
    try:
        checkpoint.decode(sealed(body))
    except Refused as refused:
        assert refused.reason in REASONS


def test_any_flipped_bit_is_found() -> None:
    """Not one byte is beyond the checksum."""
    data = kept((SHIP, 0, 2**64 - 1, 3), ((6, *SHIP[1:]), 1, 0, 0))
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        assert reason(bytes(flipped)) in {"damaged", "format"}


def test_a_checkpoint_that_was_cut_or_prolonged_is_found() -> None:
    """At any place."""
    data = kept((SHIP, 0, 1, 1))
    assert {"damaged"} == {reason(data[:length]) for length in range(len(data))} | {reason(data + b"\0")}


def test_another_format_is_refused_as_such() -> None:
    """Also if its checksum is elsewhere."""
    data = kept()
    assert "format" == reason(data[:4] + bytes([checkpoint.FORMAT + 1]) + data[5:])


def test_a_ship_or_a_player_is_there_once() -> None:
    """Else two sessions would steer one ship, or one player two."""
    other = (6, *SHIP[1:])
    assert "order" == reason(kept((SHIP, 0, 1, 1), (SHIP, 1, 2, 1)))
    assert "order" == reason(kept((SHIP, 0, 1, 1), (other, 1, 1, 2)))
    assert 2 == len(checkpoint.decode(kept((SHIP, 0, 0, 0), (other, 0, 0, 0))).berths)


def test_a_ship_keeps_the_rules_of_the_world() -> None:
    """Its id is one, and it is where and as fast as ships can be."""
    assert "order" == reason(kept(((0, *SHIP[1:]), 0, 0, 0)))
    assert "range" == reason(kept(((5, SIZE, *SHIP[2:]), 0, 0, 0)))
    assert "range" == reason(kept(((5, 0, 0, CAP, 1, 0, 0, 0), 0, 0, 0)))


def test_half_a_row_is_refused() -> None:
    """Though its checksum is right."""
    assert "length" == reason(sealed(kept((SHIP, 0, 1, 1))[:-5]))


def test_names_that_are_none_are_refused() -> None:
    """Though their checksum is right."""
    head = struct.pack("<4sBIIHI", b"FLCP", checkpoint.FORMAT, 7, 50, 9, 2)
    assert "damaged" == reason(sealed(head + b"\x91\xc0"))
    assert "damaged" == reason(sealed(struct.pack("<4sBIIHI", b"FLCP", checkpoint.FORMAT, 7, 50, 9, 2**32 - 1)))
