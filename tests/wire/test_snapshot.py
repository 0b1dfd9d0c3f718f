"""app.wire.snapshot: the absolute state between processes."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire import snapshot
from app.wire.formats import FORMAT, PREVIOUS
from app.wire.refusal import Refused
from app.wire.snapshot import Snapshot
from tests.wire.damage import hurt
from tests.wire.histories import LivingWorld, Moment, moments

versions = st.sampled_from([PREVIOUS, FORMAT])


@st.composite
def shots(draw: st.DrawFn) -> Snapshot:
    living = LivingWorld(draw(st.integers(0, 2**32)))
    return [living.live(moment) for moment in draw(st.lists(moments, min_size=1, max_size=5))][-1]


@given(shots(), versions)
def test_what_is_written_is_read(shot: Snapshot, version: int) -> None:
    """A snapshot survives the way through the channel layer, in either format."""
    data = snapshot.encode(shot, version)
    read = snapshot.decode(data)
    assert version == data[0]
    assert (shot.arena, shot.epoch, shot.tick, shot.steps, shot.published) == (
        read.arena,
        read.epoch,
        read.tick,
        read.steps,
        read.published,
    )
    assert shot.records.tobytes() == read.records.tobytes()


@given(
    st.binary(max_size=80)
    | st.builds(bytes.__add__, versions.map(lambda version: bytes([version])), st.binary(max_size=80))
    | hurt(st.builds(snapshot.encode, shots(), versions))
)
def test_any_bytes_are_a_snapshot_or_a_refusal_by_name(data: bytes) -> None:
    """No bytes raise anything but Refused."""
    try:
        snapshot.decode(data)
    except Refused as refused:
        assert refused.reason in {"length", "format", "order", "range"}


@pytest.mark.parametrize("version", [FORMAT + 1, PREVIOUS - 1, 0, 255])
def test_another_format_is_refused_as_such(version: int) -> None:
    """A snapshot of a newer release is distinct from a damaged one, with any bytes after it."""
    for rest in (b"", bytes(100)):
        with pytest.raises(Refused, match="format"):
            snapshot.decode(bytes([version]) + rest)


@pytest.mark.parametrize("published", [math.nan, math.inf, -math.inf])
def test_a_time_that_is_none_is_refused(published: float) -> None:
    """It would spoil the figures of every frame's age for ever."""
    with pytest.raises(Refused, match="range"):
        snapshot.decode(struct.pack("<BBHIId", FORMAT, 1, 0, 1, 1, published))


def test_a_snapshot_is_at_least_one_step_old() -> None:
    """Of none no delta could be made."""
    with pytest.raises(Refused, match="range"):
        snapshot.decode(struct.pack("<BBHIId", FORMAT, 0, 0, 1, 1, 0.0))


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
