from hypothesis import given
from hypothesis import strategies as st

from loadtest.load.presets import Shape
from loadtest.players.door import Door
from tests.loadtest.load.orders import order


@given(st.integers(1, 60), st.integers(1, 8))
def test_processes_share_all_players_and_grow_alike(players: int, processes: int) -> None:
    """Each player is in exactly one process; no process has two more than another."""
    shares = order(Shape(10.0, players, 5.0, churn_per_s=2.0), processes=processes).tasks(Door([""]))
    all_players = sorted(one for share in shares for one in share.arrivals)
    assert [(number, due) for number, due in enumerate(sorted(due for _, due in all_players))] == all_players
    sizes = [len(share.arrivals) for share in shares]
    assert max(sizes) - min(sizes) <= 1
    assert 10 == sum(len(share.departures) for share in shares)
    assert len({share.seed for share in shares}) == processes


def test_a_test_of_a_day_has_longer_moments() -> None:
    """So that its series stays readable; a test of two hours has seconds."""
    assert 1.0 == order(Shape(10.0, 10, 7199.0)).moment_s
    assert 12.0 == order(Shape(10.0, 10, 86_000.0)).moment_s


def test_the_plan_can_be_repeated() -> None:
    """It has the points, the hold and the seed."""
    plan = order(Shape(steps=(10, 20), rate=10.0, hold_s=5.0), seed=9).plan("python")
    assert ([(0.0, 0), (1.0, 10), (6.0, 10), (7.0, 20)], 5.0, 9) == (plan.points, plan.hold_s, plan.seed)
