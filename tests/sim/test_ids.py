"""app.sim.ids: an id never names two ships within its rest."""

from hypothesis import given
from hypothesis import strategies as st

from app.sim.ids import RollingIds
from app.sim.rules import ID_REST_TICKS, MAX_ID


def test_ids_are_handed_out_in_rolling_order() -> None:
    """A freed id is not the next one given, even after its rest."""
    ids = RollingIds()
    assert [1, 2, 3] == [ids.take(0) for _ in range(3)]
    ids.give_back(2, 0)
    assert 4 == ids.take(10_000)


def test_the_numbers_go_round() -> None:
    """After the greatest id the lowest rested one follows."""
    ids = RollingIds()
    for _ in range(MAX_ID):
        ids.take(0)
    ids.give_back(7, 0)
    assert ids.take(ID_REST_TICKS - 1) is None
    assert 7 == ids.take(ID_REST_TICKS)


def test_ids_go_on_behind_the_last_of_another_world() -> None:
    """Round the end too."""
    assert 8 == RollingIds(7).take(0)
    assert 1 == RollingIds(MAX_ID).take(0)


def test_an_id_of_another_world_is_claimed_once() -> None:
    """It is then not given out, until it was given back and has rested."""
    ids = RollingIds()
    assert ids.claim(1)
    assert not ids.claim(1)
    assert 2 == ids.take(0)
    assert not ids.claim(2)
    ids.give_back(1, 0)
    ids.last = MAX_ID
    assert 3 == ids.take(0)
    ids.last = MAX_ID
    assert 1 == ids.take(ID_REST_TICKS)


def test_a_claim_does_not_wait_for_rest() -> None:
    """The ship that claims an id is the one that had it."""
    ids = RollingIds()
    ids.take(0)
    ids.give_back(1, 0)
    assert ids.claim(1)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 300)), max_size=60))
def test_no_id_comes_back_before_its_rest(history: list[tuple[bool, int]]) -> None:
    """For any joins and leaves, an id is given again only after ID_REST_TICKS, and never while it is taken."""
    ids = RollingIds()
    ids.last = MAX_ID - 5  # so that the numbers go round within the test
    tick = 0
    taken: list[int] = []
    left_at: dict[int, int] = {}
    for joins, wait in history:
        tick += wait
        if joins or not taken:
            ship = ids.take(tick)
            assert ship is not None
            assert ship not in taken
            assert tick - left_at.get(ship, -ID_REST_TICKS) >= ID_REST_TICKS
            taken.append(ship)
        else:
            ship = taken.pop(0)
            ids.give_back(ship, tick)
            left_at[ship] = tick
