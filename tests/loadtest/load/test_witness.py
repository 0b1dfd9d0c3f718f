import numpy as np
import pytest

from app.wire import outputs
from app.wire.records import SHIP, Records
from loadtest.load.witness import SUBUNITS, Witness, distance
from loadtest.players.replica import advanced

SHIP_ID = 7


def ship(x: int = 1000, *, vx: int = 512, flags: int = 0) -> Records:
    return np.array([(SHIP_ID, x, 2000, vx, -100, 3, flags, 0)], dtype=SHIP)


def shown(witness: Witness, tick: int, records: Records, epoch: int = 1) -> None:
    assert not witness.take(outputs.encode_keyframe(epoch, tick, records), SHIP_ID)


def test_a_ship_that_coasted_through_a_fault_is_not_off_by_a_subunit() -> None:
    """Across sockets and epochs."""
    witness = Witness(coasts=True)
    shown(witness, 100, ship())
    witness.connected()
    shown(witness, 130, advanced(ship(), 30), epoch=2)
    assert [0.0] == witness.jumps.coasting


def test_a_ship_that_was_moved_is_noticed() -> None:
    """By its distance in units."""
    witness = Witness(coasts=True)
    shown(witness, 100, ship())
    shown(witness, 101, advanced(ship(x=1000 + 3 * SUBUNITS), 1))
    assert [3.0] == witness.jumps.coasting


def test_a_world_that_went_back_must_lead_to_where_the_ship_was() -> None:
    """A successor may begin a few ticks earlier."""
    witness = Witness(coasts=True)
    shown(witness, 100, advanced(ship(), 5))
    shown(witness, 95, ship(), epoch=2)
    assert [0.0] == witness.jumps.coasting


def test_a_steered_ship_has_the_room_that_lost_inputs_explain() -> None:
    """A little off is a lost input; far off is not."""
    witness = Witness(coasts=False)
    shown(witness, 100, ship(flags=1))
    shown(witness, 101, advanced(ship(x=1000 + SUBUNITS), 1), epoch=2)
    shown(witness, 102, advanced(ship(x=1000 + 100 * SUBUNITS), 2), epoch=3)
    assert 0.0 == witness.jumps.beyond[0]
    assert witness.jumps.beyond[1] > 90


def test_another_ship_is_not_compared() -> None:
    """A lost ship is counted elsewhere."""
    witness = Witness(coasts=True)
    shown(witness, 100, ship())
    other = ship(x=500_000)
    other["id"] = 8
    witness.take(outputs.encode_keyframe(2, 101, other), 8)
    assert [] == witness.jumps.coasting


def test_a_ship_that_is_not_in_the_frame_is_missed() -> None:
    """Until it is seen again."""
    witness = Witness(coasts=True)
    shown(witness, 100, ship())
    shown(witness, 101, ship()[:0])
    assert witness.missing
    shown(witness, 102, advanced(ship(), 2))
    assert not witness.missing
    assert [0.0] == witness.jumps.coasting


@pytest.mark.parametrize(("one", "other", "units"), [(0, 0, 0.0), (0, 1_024_000 - 1024, 1.0), (0, 2048, 2.0)])
def test_distances_are_measured_the_short_way_round(one: int, other: int, units: float) -> None:
    """The arena is a torus."""
    assert units == distance(ship(one), ship(other))
