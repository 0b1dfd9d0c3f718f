from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from loadtest.bench.search import Plan, Search

plans = st.builds(
    Plan,
    first=st.integers(1, 4000),
    growth=st.floats(1.05, 3),
    precision=st.floats(1.01, 1.3),
    attempts=st.integers(1, 3),
    ceiling=st.integers(4000, 8000),
)


def searched(plan: Plan, holds: Callable[[int], bool]) -> tuple[Search, list[tuple[int, bool]]]:
    search, steps = Search(plan), []
    while (players := search.next()) is not None:
        held = holds(players)
        steps.append((players, held))
        search.record(players, held=held)
        assert len(steps) < 2000
    return search, steps


@given(plans, st.integers(0, 9000))
def test_the_capacity_of_a_steady_server_is_found_to_the_precision(plan: Plan, true: int) -> None:
    """Where every size up to a limit holds and none beyond, the search ends just below that limit."""
    search, _ = searched(plan, lambda players: players <= true)

    assert search.capacity <= true
    reachable = min(true, plan.ceiling)
    assert search.capacity * plan.precision + 1 >= reachable
    assert search.open_ended == (true >= plan.ceiling)


@given(plans, st.randoms(use_true_random=False))
def test_it_never_reports_a_step_that_did_not_hold(plan: Plan, random: object) -> None:
    """For any server, the capacity is 0 or a size that held, below every size that failed all attempts."""
    search, steps = searched(plan, lambda _: random.random() < 0.5)  # type: ignore[attr-defined]  # a Random

    held = {players for players, ok in steps if ok}
    failed = [players for players, _ in steps if sum(1 for one in steps if one == (players, False)) >= plan.attempts]
    assert search.capacity in held | {0}
    assert search.capacity < min(failed, default=search.capacity + 1)
    assert all(0 < players <= plan.ceiling for players, _ in steps)


def test_a_search_goes_no_further_down_than_the_plan_says() -> None:
    """A server that does not carry the least size has the capacity 0, without further steps."""
    _, steps = searched(Plan(first=100, growth=2, attempts=1, least=30), lambda _: False)

    assert [(100, False), (50, False)] == steps


def test_a_failure_is_tried_again_before_it_counts() -> None:
    """One hiccup of the machine does not end the ramp."""
    search = Search(Plan(first=100, growth=2, attempts=2))

    search.record(100, held=False)
    assert 100 == search.next()
    search.record(100, held=True)

    assert 200 == search.next()


def test_a_server_that_carries_no_players_has_no_capacity() -> None:
    """The way down ends."""
    search, steps = searched(Plan(first=50, attempts=1), lambda _: False)

    assert 0 == search.capacity
    assert (1, False) == steps[-1]
