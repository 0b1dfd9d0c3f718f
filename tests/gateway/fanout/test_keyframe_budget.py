from app.gateway.fanout.keyframe_budget import BYTES_PER_TICK, TICK_S, KeyframeBudget


def test_bytes_of_one_tick_go_out_at_once() -> None:
    """The keyframe that crosses the bound still goes out, so one that is larger than the bound is possible."""
    now = [10.0]
    budget = KeyframeBudget(lambda: now[0])
    assert [True, True, False] == [budget.take(BYTES_PER_TICK - 1) for _ in range(3)]


def test_the_budget_grows_with_time_up_to_one_tick() -> None:
    """What was taken too much is paid first."""
    now = [10.0]
    budget = KeyframeBudget(lambda: now[0])
    budget.take(2 * BYTES_PER_TICK)
    now[0] += 0.9 * TICK_S
    assert not budget.take(1)
    now[0] += 0.2 * TICK_S
    assert budget.take(BYTES_PER_TICK)
    now[0] += 100 * TICK_S
    assert [True, False] == [budget.take(BYTES_PER_TICK) for _ in range(2)]
