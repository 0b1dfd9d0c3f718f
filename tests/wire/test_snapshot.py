"""app.wire.snapshot: the absolute state between processes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire import snapshot
from app.wire.refusal import Refused
from app.wire.snapshot import Snapshot
from tests.wire.histories import LivingWorld, Moment, moments


@given(history=st.lists(moments, min_size=1, max_size=5), seed=st.integers(0, 2**32))
def test_what_is_written_is_read(history: list[Moment], seed: int) -> None:
    """A snapshot survives the way through the channel layer."""
    living = LivingWorld(seed)
    for moment in history:
        shot = living.live(moment)
    read = snapshot.decode(snapshot.encode(shot))
    assert (shot.arena, shot.epoch, shot.tick, shot.steps, shot.published) == (
        read.arena,
        read.epoch,
        read.tick,
        read.steps,
        read.published,
    )
    assert shot.records.tobytes() == read.records.tobytes()


@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_are_a_snapshot_or_a_refusal_by_name(data: bytes, begins_well: bool) -> None:
    """No bytes raise anything but Refused."""
    try:
        snapshot.decode(b"\x01" + data if begins_well else data)
    except Refused as refused:
        assert refused.reason in {"length", "format", "order", "range"}


def test_another_format_is_refused_as_such() -> None:
    """A snapshot of a newer release is told from a damaged one."""
    with pytest.raises(Refused, match="format"):
        snapshot.decode(b"\x02")


def test_only_the_next_snapshot_of_the_epoch_follows() -> None:
    """A delta may lead over the steps of one snapshot, not over a gap or into another epoch."""
    living = LivingWorld(1)
    first = living.live(Moment(1, 0, 0, 1, True))
    second = living.live(Moment(0, 0, 0, 2, True))
    third = living.live(Moment(0, 0, 0, 1, True))
    assert second.follows(first)
    assert not third.follows(first)
    assert not first.follows(second)
    assert not Snapshot(0, first.epoch + 1, second.tick, 2, 0.0, second.records).follows(first)
