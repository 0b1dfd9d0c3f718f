"""app.wire.checkpoint: a whole world in Redis, exact or refused."""

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire import checkpoint
from app.wire.checkpoint import BERTH, HEAD_BYTES, Checkpoint
from app.wire.formats import FORMAT, PREVIOUS
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

ROW_SIZE = 16  # offset of the row size in the head
SHIP = (5, 10, 20, 1, -1, 64, 1, 9)


def kept(*berths: Any) -> bytes:
    return checkpoint.encode(Checkpoint(7, 50, 9, ["g"], np.array(list(berths), dtype=BERTH)))


def sealed(body: bytes) -> bytes:
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
    """A faulty release may have written them."""
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


def told(data: bytes, written: int, since: int) -> bytes:
    """Return the checkpoint of a release that writes format `written`, for readers from `since` on."""
    return sealed(data[:4] + bytes([written, since]) + data[6:-4])


def test_the_release_before_can_read_what_this_one_writes() -> None:
    """Or a rollback would stand still; a later release that forgets this fails here."""
    assert bytes([FORMAT, PREVIOUS]) == kept()[4:6]


near = st.integers(PREVIOUS - 1, FORMAT + 1) | st.integers(1, 255)


@given(checkpoints, near, near)
def test_one_that_is_for_this_release_is_read_and_any_other_refused(
    before: Checkpoint, written: int, since: int
) -> None:
    """Its own, the previous one, and one that a newer release wrote for it; the head alone decides."""
    data = told(checkpoint.encode(before), written, since)
    mine = written in {PREVIOUS, FORMAT} or (written > FORMAT and since <= FORMAT)
    assert mine == checkpoint.is_readable(data[:HEAD_BYTES])
    if mine:
        assert before.berths.tolist() == checkpoint.decode(data).berths.tolist()
    else:
        assert "format" == reason(data)


def test_another_format_is_refused_as_such() -> None:
    """Also if its checksum is elsewhere: it is not damaged, and must not be overwritten."""
    data = kept()
    assert "format" == reason(data[:4] + bytes([FORMAT + 1, FORMAT + 1]) + data[6:])


def test_another_format_may_be_shorter_than_ours() -> None:
    """With anything after the first bytes, or nothing: the decoder agrees with the head."""
    head = b"FLCP" + bytes([FORMAT + 1, FORMAT + 1])
    assert not checkpoint.is_readable(head)
    assert {"format"} == {reason(head), reason(sealed(head))}


@pytest.mark.parametrize("head", [b"", b"FLCP", b"FLCP\xff", b"WORLD!"])
def test_what_is_no_checkpoint_is_not_in_the_way(head: bytes) -> None:
    """Nothing, half a head, something else: no release could read that."""
    assert checkpoint.is_readable(head)


@given(checkpoints, st.integers(0, 9), st.binary(min_size=9, max_size=9))
def test_what_a_newer_release_adds_to_its_rows_is_left_out(before: Checkpoint, width: int, more: bytes) -> None:
    """Rows may grow at their end."""
    plain = checkpoint.encode(before)
    rows = len(before.berths)
    begin = len(plain) - 4 - rows * BERTH.itemsize
    wider = b"".join(row.tobytes() + more[:width] for row in before.berths)
    head = plain[:ROW_SIZE] + (BERTH.itemsize + width).to_bytes(2, "little") + plain[ROW_SIZE + 2 : begin]
    read = checkpoint.decode(told(head + wider + bytes(4), FORMAT + 1, FORMAT))
    assert before.berths.tolist() == read.berths.tolist()


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
    """Though its checksum is right; and so are rows that are too narrow for a ship."""
    data = kept((SHIP, 0, 1, 1))
    assert "length" == reason(sealed(data[:-5]))
    for narrow in (0, BERTH.itemsize - 1):
        body = data[:ROW_SIZE] + narrow.to_bytes(2, "little") + data[ROW_SIZE + 2 : -4]
        assert {"length"} == {reason(sealed(body)), reason(sealed(body[:-1]))}


def test_names_that_are_none_are_refused() -> None:
    """Though their checksum is right."""
    head = b"FLCP", FORMAT, PREVIOUS, 7, 50, 9, BERTH.itemsize
    for size in (2, 2**32 - 1):
        assert "damaged" == reason(sealed(struct.pack("<4sBBIIHHI", *head, size) + b"\x91\xc0"))
