from app.gateway.fanout.chain import CHECKSUM_TICKS, MAX_TICKS, Chain
from app.wire import outputs
from app.wire.outputs import Checksum, DeltaBody, ServerMessage
from tests.gateway.doubles import snapshot


def chain(*ticks: int, ships: tuple[int, ...] = (1, 2)) -> Chain:
    """Return a chain of quiet ticks after its first one."""
    made = Chain()
    for tick in ticks:
        made.append(snapshot(tick, *ships))
    return made


def messages(made: Chain, ticks: int) -> list[ServerMessage]:
    """Return the messages that lead over the last `ticks`."""
    joined = made.joined(made.position - ticks)
    assert joined is not None
    return outputs.decode(joined.frame.payload)


def test_quiet_ticks_become_steps_of_one_delta() -> None:
    """It costs four bytes, however many they are."""
    made = chain(101, 102, 103, 104)
    (body,) = messages(made, 3)
    assert DeltaBody(bytes([104, 3])) == body
    joined = made.joined(made.position - 3)
    assert joined is not None
    assert (True, 3) == (joined.quiet, joined.ticks)


def test_a_quiet_tick_after_an_arrival_stays_its_own_delta() -> None:
    """An arrival is inserted after the steps, so it would not take part in them."""
    made = chain(101)
    made.append(snapshot(102, 1, 2, 3))
    made.append(snapshot(103, 1, 2, 3))
    assert 2 == len(messages(made, 2))


def test_a_quiet_tick_after_a_departure_is_added() -> None:
    """The departure happens before all steps."""
    made = chain(101)
    made.append(snapshot(102, 1))
    made.append(snapshot(103, 1))
    (body,) = messages(made, 2)
    assert isinstance(body, DeltaBody)
    assert (103, 2) == (body.body[0], body.body[1] & 0x0F)


def test_a_checksum_stays_behind_its_tick() -> None:
    """Ticks before it are joined with its delta, and ticks after it are not."""
    made = chain(*range(CHECKSUM_TICKS - 3, CHECKSUM_TICKS + 3))
    before, checksum, after = messages(made, 5)
    assert isinstance(checksum, Checksum)
    assert [DeltaBody(bytes([CHECKSUM_TICKS, 3])), DeltaBody(bytes([CHECKSUM_TICKS + 2, 2]))] == [before, after]


def test_a_tick_with_a_checksum_is_not_quiet() -> None:
    """It must be sent."""
    made = chain(CHECKSUM_TICKS - 1, CHECKSUM_TICKS)
    joined = made.joined(made.position - 1)
    assert joined is not None
    assert not joined.quiet


def test_at_most_fifteen_ticks_are_joined() -> None:
    """Who missed more gets a keyframe. There was no jump, so the peer was slow."""
    made = chain(*range(101, 101 + MAX_TICKS + 2))
    assert made.joined(made.position - MAX_TICKS) is not None
    assert made.joined(made.position - MAX_TICKS - 1) is None
    assert made.reaches(made.position - MAX_TICKS - 1)


def test_after_a_gap_or_an_epoch_nothing_leads_on() -> None:
    """Not even if the number of the tick is the same."""
    made = chain(101, 102)
    position = made.position
    made.append(snapshot(104, 1, 2))
    assert ("gap", False) == (made.broken_by, made.reaches(position))
    made.append(snapshot(103, 1, 2, epoch=8))
    assert "epoch" == made.broken_by
    for tick in range(104, 104 + MAX_TICKS):
        made.append(snapshot(tick, 1, 2, epoch=8))
        assert made.joined(position) is None


def test_what_is_larger_than_a_keyframe_is_not_joined() -> None:
    """Two ticks in which all ships were replaced cost more than the arena itself; one such tick is still a delta."""
    made = chain(101, ships=(1, 2, 3, 4))
    made.append(snapshot(102, 5, 6, 7, 8))
    assert made.joined(made.position - 1) is not None
    made.append(snapshot(103, 1, 2, 3, 4))
    assert made.joined(made.position - 2) is None


def test_a_message_is_encoded_once() -> None:
    """All sockets of a position share it until the next tick."""
    made = chain(101, 102)
    assert made.joined(made.position - 1) is made.joined(made.position - 1)
