"""app.sim.arenas: placement."""

from hypothesis import given
from hypothesis import strategies as st

from app.sim.arenas import Arenas


def test_arenas_fill_first_to_last() -> None:
    """Players share the first arena until it is full."""
    arenas = Arenas(2)
    assert [0, 0, 1, 1, 2] == [arenas.join() for _ in range(5)]


def test_a_gap_is_filled_first() -> None:
    """A place that became free in an early arena is taken before a new arena opens."""
    arenas = Arenas(2)
    for _ in range(4):
        arenas.join()
    arenas.leave(0)
    assert [0, 2] == [arenas.join(), arenas.join()]


def test_no_limit_means_one_arena() -> None:
    """Capacity 0 puts everyone together."""
    arenas = Arenas(0)
    assert {0} == {arenas.join() for _ in range(1000)}


def test_a_ship_of_another_world_keeps_its_arena() -> None:
    """Whether there is room or not; newcomers go where there is."""
    arenas = Arenas(2)
    for arena in (0, 0, 0, 2):
        arenas.join_at(arena)
    assert [0, 2] == arenas.occupied()
    assert [1, 1, 2, 3] == [arenas.join() for _ in range(4)]
    for _ in range(2):
        arenas.leave(0)
    assert 0 == arenas.join()


@given(st.integers(1, 5), st.lists(st.integers(0, 9), max_size=100))
def test_no_arena_exceeds_its_capacity(capacity: int, history: list[int]) -> None:
    """For any joins and leaves the count is right and no arena overflows."""
    arenas = Arenas(capacity)
    inside: list[int] = []
    for choice in history:
        if choice < 6 or not inside:
            inside.append(arenas.join())
        else:
            arenas.leave(inside.pop(choice % len(inside)))
        assert all(arenas.ships(a) == inside.count(a) <= capacity for a in set(inside))
        assert arenas.occupied() == sorted(set(inside))
