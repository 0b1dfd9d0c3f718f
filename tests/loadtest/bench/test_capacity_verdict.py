"""loadtest/bench/capacity_verdict.py: only a ratio decides, and only if it is certain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.bench.capacity import Capacity
from loadtest.bench.capacity_report import Calibration, Report, report
from loadtest.bench.capacity_verdict import ALLOWED_LOSS, RATIOS, Judgement, Target, Verdict, gate, judgements, ratio_to
from loadtest.outcome import Outcome
from tests.loadtest.bench.steps import DISTURBED, LATE, NOT_CALIBRATED, carried, failed, report_of

KEPT = report_of({"ours": 2000, "node": 2000, "picows": 2000, "uvicorn": 1000, "textbook": 20})
TARGETS = st.builds(Target, title=st.just("t"), bound=st.floats(0.1, 9), goal=st.floats(0.1, 9), at_most=st.booleans())


def night(ours: Capacity, textbook: Capacity, *, same_machine: bool = True) -> Verdict:
    """The verdict of one round, against a ratio of 100: at least 70 pass."""
    return gate(report({}, [{"textbook": textbook, "ours": ours}], None), KEPT, ["textbook"], same_machine=same_machine)


def nights(*pairs: tuple[int, int], same_machine: bool = True) -> Verdict:
    fresh = report_of(*({"textbook": textbook, "ours": ours} for ours, textbook in pairs))
    return gate(fresh, KEPT, ["textbook"], same_machine=same_machine)


def judged(fresh: Report) -> dict[str, Judgement]:
    return {one.target.title: one for one in judgements(fresh)}


@given(TARGETS, st.none() | st.floats(0, 100))
def test_an_inconclusive_figure_neither_passes_nor_fails(target: Target, value: float | None) -> None:
    """A bottleneck elsewhere proves nothing."""
    assert Outcome.INCONCLUSIVE == target.judge(value, conclusive=False)


@given(TARGETS, st.none() | st.floats(0, 100))
def test_only_a_figure_that_reaches_the_bound_passes(target: Target, value: float | None) -> None:
    """A missing figure fails."""
    passed = target.judge(value, conclusive=True) is Outcome.PASS

    assert passed == (value is not None and (value <= target.bound if target.at_most else value >= target.bound))


def test_the_targets_are_the_contract() -> None:
    """A change of a target needs a change of this test."""
    assert {"node": 0.95, "picows": 0.9, "uvicorn": 1.8, "textbook": 45, "product_to_node": 1.3} | {
        "cpu_to_node": 1.1,
        "cpu_idle_to_busy": 0.5,
    } == {name: target.bound for name, target in RATIOS.items()}


@pytest.mark.parametrize("calibration", [NOT_CALIBRATED, None])
def test_without_calibration_no_capacity_passes(calibration: Calibration | None) -> None:
    """Neither after a failed calibration nor without one."""
    verdicts = judged(report_of({"ours": 3000, "node": 2000}, calibration=calibration))
    assert Outcome.INCONCLUSIVE == verdicts[RATIOS["node"].title].outcome
    assert Outcome.INCONCLUSIVE == verdicts["players in time on one core"].outcome
    assert Outcome.INCONCLUSIVE == gate(KEPT, KEPT, calibrated=False).outcome


def test_servers_that_were_not_measured_are_not_judged() -> None:
    """A run of two servers has no verdict on a third."""
    assert RATIOS["picows"].title not in judged(report_of({"ours": 3000, "node": 2000}))


@pytest.mark.parametrize(
    ("ours", "node", "outcome"),
    [(1500, 2100, Outcome.FAIL), (1500, 1600, Outcome.INCONCLUSIVE), (2000, 1600, Outcome.PASS)],
)
def test_two_thousand_players_are_required_where_any_server_carries_them(
    ours: int, node: int, outcome: Outcome
) -> None:
    """On a machine where none does, the figure is inconclusive."""
    assert outcome is judged(report_of({"ours": ours, "node": node}))["players in time on one core"].outcome


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        (2400, []),
        (1810, []),
        (1790, ["node", "picows", "uvicorn"]),
        (1390, ["node", "picows", "uvicorn", "textbook"]),
    ],
)
def test_a_loss_of_more_than_is_allowed_fails(ours: int, expected: list[str]) -> None:
    """10 % to the native servers and uvicorn, 30 % to the textbook server."""
    fresh = report_of({"ours": ours, "node": 2000, "picows": 2000, "uvicorn": 1000, "textbook": 20})
    assert expected == [peer for peer in ALLOWED_LOSS if gate(fresh, KEPT, [peer]).outcome is Outcome.FAIL]
    assert (Outcome.FAIL if expected else Outcome.PASS) is gate(fresh, KEPT).outcome


def test_a_ratio_that_is_no_longer_measured_is_a_loss() -> None:
    """Leaving a server out does not hide its ratio."""
    verdict = gate(report_of({"ours": 2000, "node": 2000}), KEPT)

    assert (Outcome.FAIL, 3) == (verdict.outcome, sum("was not measured" in one for one in verdict.reasons))


def test_a_ratio_as_in_the_baseline_passes_on_any_machine() -> None:
    """Half the players on half the machine are as good."""
    assert Outcome.PASS is nights((2400, 24)).outcome is nights((1200, 12)).outcome


def test_a_ratio_that_fell_fails_with_its_figures_and_the_step_that_failed() -> None:
    """The first sentence has the ratio, the next the step and how late its frames were."""
    found = nights((1200, 24))

    assert Outcome.FAIL is found.outcome
    expected = (
        "Flotilla carried 1,200 players, 50.0 times the 24 of textbook; the baseline is 100.0 times, the least is"
    )
    assert f"{expected} 70.0 times." == found.reasons[0]
    assert found.reasons[1].startswith("Round 1: at 1,201 players p99 gap 81.5 ms")


def test_one_bad_round_of_three_is_no_failure() -> None:
    """A night is the median of its rounds."""
    assert Outcome.PASS is nights((2400, 24), (240, 24), (2400, 24)).outcome


def test_a_server_that_carries_no_players_fails() -> None:
    """Its ratio is 0; programs beside it are no excuse if it had its whole core."""
    lost = failed(48, foreign_cpu=0.9)
    busy = type(lost)(lost.load, 1.0, lost.server_rss_kib, lost.foreign_cpu)
    fresh = report({}, [{"ours": carried("ours", 0, busy), "textbook": carried("textbook", 24)}], None)
    assert (Outcome.FAIL, 0.0) == (gate(fresh, KEPT, ["textbook"]).outcome, ratio_to(fresh, "textbook"))
    assert fresh.servers["ours"].at_capacity is None


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [(LATE, "Round 1: the generator was late or busy at 1,200"), (DISTURBED, "Round 1: other programs used 50%")],
)
def test_a_failure_that_others_may_have_caused_proves_nothing(trouble: dict[str, float], reason: str) -> None:
    """A late generator and busy programs are the first reason."""
    found = night(carried("ours", 1000, failed(1200, **trouble)), carried("textbook", 24))

    assert Outcome.INCONCLUSIVE is found.outcome
    assert found.reasons[0].startswith(reason)


def test_a_size_that_failed_again_in_a_quiet_moment_is_decided() -> None:
    """The doubtful failure of the same size no longer counts."""
    found = night(carried("ours", 1000, failed(1200, **LATE), failed(1200)), carried("textbook", 24))
    assert Outcome.FAIL is found.outcome


@pytest.mark.parametrize(
    "ours", [carried("ours", 2400, failed(2500, **LATE)), carried("ours", 8000, failed(8001), open_ended=True)]
)
def test_doubt_that_could_only_raise_a_good_ratio_does_not_matter(ours: Capacity) -> None:
    """Flotilla may carry more than was found: it passes."""
    assert Outcome.PASS is night(ours, carried("textbook", 24)).outcome


def test_doubt_about_the_other_server_never_makes_a_pass() -> None:
    """The textbook server may carry more, so the ratio may be lower; a ratio that fell has still fallen."""
    doubtful = carried("textbook", 24, failed(36, **DISTURBED))
    assert Outcome.INCONCLUSIVE is night(carried("ours", 2400), doubtful).outcome
    assert Outcome.FAIL is night(carried("ours", 1200), doubtful).outcome


def test_without_the_other_capacity_there_is_no_ratio() -> None:
    """A machine on which the textbook server carries no players is not fit to judge."""
    fresh = report({}, [{"ours": carried("ours", 2400), "textbook": carried("textbook", 0, failed(4))}], None)
    assert Outcome.INCONCLUSIVE is gate(fresh, KEPT, ["textbook"]).outcome
    assert ratio_to(fresh, "textbook") is None


@given(st.integers(0, 8000), st.integers(1, 8000), st.integers(1, 100))
def test_more_players_never_make_a_verdict_worse(players: int, more: int, textbook: int) -> None:
    """Of two nights with the same textbook server the better one never fails where the worse one passed."""
    worse, better = (str(nights((carried, textbook)).outcome) for carried in (players, players + more))
    assert (worse, better) in {("pass", "pass"), ("fail", "fail"), ("fail", "pass")}


def test_a_baseline_of_another_machine_requires_the_target_of_any_machine() -> None:
    """A ratio of 65 is a loss against 100 on the same machine and none on another; 40 is a loss on any."""
    assert Outcome.FAIL is nights((1560, 24)).outcome
    elsewhere = nights((1560, 24), same_machine=False)
    assert Outcome.PASS is elsewhere.outcome
    assert "the baseline of another kind of machine is 100.0 times, the least is 45.0" in elsewhere.reasons[0]
    assert Outcome.FAIL is nights((960, 24), same_machine=False).outcome
