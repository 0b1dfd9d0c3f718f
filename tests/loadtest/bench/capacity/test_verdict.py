from hypothesis import given
from hypothesis import strategies as st

from loadtest.bench.capacity.verdict import RATIOS, Judgement, Target, Verdict, judgements
from tests.loadtest.bench.capacity.steps import CALIBRATED, NOT_CALIBRATED, report_of

targets = st.builds(Target, title=st.just("t"), bound=st.floats(0.1, 9), goal=st.floats(0.1, 9), at_most=st.booleans())


def judged(report: object) -> dict[str, Judgement]:
    return {one.target.title: one for one in judgements(report)}  # type: ignore[arg-type]  # a Report


@given(targets, st.none() | st.floats(0, 100))
def test_inconclusive_wins_over_everything(target: Target, value: float | None) -> None:
    """Whatever was reached, a bottleneck elsewhere proves nothing, neither good nor bad."""
    assert Verdict.INCONCLUSIVE == target.judge(value, conclusive=False)


@given(targets, st.none() | st.floats(0, 100))
def test_only_what_reaches_the_bound_passes(target: Target, value: float | None) -> None:
    """A figure that is missing fails."""
    passed = target.judge(value, conclusive=True) in {Verdict.PASSED, Verdict.GOAL}

    assert passed == (value is not None and (value <= target.bound if target.at_most else value >= target.bound))


def test_the_targets_are_those_of_the_contract() -> None:
    """Moving one is a decision, not an accident."""
    assert {"node": 0.95, "picows": 0.9, "uvicorn": 1.8, "textbook": 45, "product_to_node": 1.3} | {
        "cpu_to_node": 1.1,
        "cpu_idle_to_busy": 0.5,
    } == {name: target.bound for name, target in RATIOS.items()}


def test_without_calibration_no_capacity_passes() -> None:
    """Neither with a failed calibration nor with none."""
    for calibration in (NOT_CALIBRATED, None):
        verdicts = judged(report_of({"ours": 3000, "node": 2000}, calibration=calibration))
        assert Verdict.INCONCLUSIVE == verdicts[RATIOS["node"].title].verdict
        assert Verdict.INCONCLUSIVE == verdicts["players in time on one core"].verdict


def test_servers_that_were_not_measured_are_not_judged() -> None:
    """A run of two servers has no verdict on a third."""
    assert RATIOS["picows"].title not in judged(report_of({"ours": 3000, "node": 2000}))


def test_two_thousand_are_asked_of_us_where_any_server_carries_them() -> None:
    """On a machine where none does, the figure is inconclusive."""
    title = "players in time on one core"
    assert Verdict.FAILED == judged(report_of({"ours": 1500, "node": 2100}))[title].verdict
    assert Verdict.INCONCLUSIVE == judged(report_of({"ours": 1500, "node": 1600}))[title].verdict
    assert Verdict.GOAL == judged(report_of({"ours": 2000, "node": 1600}, calibration=CALIBRATED))[title].verdict
