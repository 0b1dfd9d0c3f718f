"""loadtest/judge/verdict.py: the first broken step, possible excuses, and that worse figures are never better."""

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.judge import slo
from loadtest.judge.verdict import judge
from loadtest.measure.latencies import Spread
from loadtest.measure.result import Result, Verdict
from tests.loadtest.judge.runs import (
    crowded,
    enough,
    lagging,
    late_in,
    later_by_ticks,
    ms,
    of_late_ticks,
    of_steps,
    over_run,
    slower,
    some_late,
    stepped,
    with_,
    without_tick,
)
from tests.loadtest.measure import results

RAMP = slo.load("ramp")
SOAK = slo.load("soak")
ROLLING = slo.load("rolling")


def test_a_run_in_time_passes() -> None:
    """All objectives hold, and the reason has the most players."""
    verdict = judge(results.good(), RAMP)
    assert "pass" == verdict.outcome
    assert ["All 7 objectives held, up to 90 players at once."] == verdict.reasons
    assert all(check.holds for check in verdict.checks)


def test_a_ramp_that_breaks_names_its_first_step_and_by_how_much() -> None:
    """The players at which it broke, those at which it held, and the excess."""
    verdict = judge(stepped(52, 55, 66, 90), RAMP)
    assert "fail" == verdict.outcome
    assert (
        "Gap p99 at most 60 ms in every step: first broken at 30 players (20–30 s) with 66 ms, 10 % over;"
        " up to 20 players it held." == verdict.reasons[0]
    )


def test_the_textbook_server_fails_where_its_gaps_begin_to_grow() -> None:
    """The seed's curve breaks in its third step."""
    (check,) = [one for one in judge(results.bad(), RAMP).checks if one.objective.startswith("gap p99")]
    assert check.holds is False
    assert check.detail.startswith("first broken at 30 players")


def test_an_excess_of_several_times_is_a_factor() -> None:
    """Percents of thousands are not read."""
    assert "180 ms, 3 times as much" in judge(stepped(180), RAMP).reasons[0]


def test_a_late_generator_makes_a_broken_time_inconclusive() -> None:
    """It may have measured itself, and the reason has its lateness."""
    verdict = judge(lagging(stepped(52, 70), 25), RAMP)
    assert "inconclusive" == verdict.outcome
    assert "but the generator was late" in verdict.reasons[0]
    assert "its loops woke 25 ms late at p99 (at most 10 ms)" in verdict.reasons[1]


def test_a_step_that_broke_while_the_generator_was_in_time_fails_in_spite_of_later_lateness() -> None:
    """Lateness in another step excuses nothing."""
    broken = stepped(52, 70, 90)
    late = msgspec.structs.replace(broken.steps[2], lag_p99_ms=40.0)
    verdict = judge(lagging(with_(broken, steps=[*broken.steps[:2], late]), 20, steps=False), RAMP)
    assert "fail" == verdict.outcome
    assert "first broken at 20 players" in verdict.reasons[0]


@pytest.mark.parametrize("over", ["steps", "run"])
def test_what_broke_on_a_machine_that_others_used_is_inconclusive(over: str) -> None:
    """They may have caused it, and the reason has their CPU time."""
    objectives = over_run(RAMP, "gap_p99_ms") if over == "run" else RAMP
    verdict = judge(crowded(with_(stepped(52, 70), gap=ms(70)), 1.24), objectives)
    assert "inconclusive" == verdict.outcome
    assert "but other programs used 1.2 cores of the machine (at most 0.3)" in verdict.reasons[0]


def test_a_starved_machine_excuses_the_server_own_tick_too() -> None:
    """A tick that does not get its processor is long."""
    run = with_(results.good(), server=results.server(51))
    strict = over_run(RAMP, "server_tick_p99_ms")
    assert "fail" == judge(run, strict).outcome
    assert "inconclusive" == judge(crowded(run, 1.0), strict).outcome


def test_a_crowded_machine_excuses_no_close_and_doubts_no_pass() -> None:
    """Other programs close no socket, and a server that passes beside them has passed."""
    assert "fail" == judge(crowded(with_(results.good(), closes={"1006": 1}), 1.0), RAMP).outcome
    assert "pass" == judge(crowded(results.good(), 1.0), RAMP).outcome


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"closes": {"1006": 1}}, "1 × 1006"),
        ({"decode_errors": 2}, "frames that could not be decoded"),
        ({"server": results.server(51)}, "server tick"),
        ({"joins_failed": 1, "errors": {"refused": 1}}, "1 × refused"),
    ],
)
def test_what_no_generator_can_cause_fails_all_the_same(changes: dict[str, Any], word: str) -> None:
    """Close codes, frames that do not decode, the server's own tick, a refused connection."""
    strict = over_run(RAMP, "server_tick_p99_ms")
    verdict = judge(lagging(with_(results.good(), **changes), 50), strict)
    assert "fail" == verdict.outcome
    assert word in verdict.reasons[0].replace("Frames", "frames").replace("Server", "server")


@pytest.mark.parametrize("changes", [{"closes": {"4002": 1}}, {"joins_failed": 1, "errors": {"timeout": 1}}])
def test_what_a_late_generator_can_cause_is_its_excuse(changes: dict[str, Any]) -> None:
    """A late reader is closed as a slow peer, and a late answer runs into a timeout."""
    changed = with_(results.good(), **changes)
    assert "fail" == judge(changed, RAMP).outcome
    assert "inconclusive" == judge(lagging(changed, 50), RAMP).outcome


def test_a_lighter_load_than_asked_for_proves_nothing() -> None:
    """Dropped or late arrivals, a full core, few gaps, an interrupted run: each turns a pass into doubt, by name."""
    good = results.good()
    own = good.generator
    cases = {
        "did not send 3 players": with_(good, generator=msgspec.structs.replace(own, arrivals_dropped=3)),
        "connections 150 ms late": with_(good, generator=msgspec.structs.replace(own, arrivals_late=ms(150))),
        "97 % of its core": with_(good, generator=msgspec.structs.replace(own, cpu_max=0.97)),
        "Only 10 gaps were measured: a p99 needs": with_(good, gap=msgspec.structs.replace(good.gap, count=10)),
        "interrupted after 90 s": with_(good, interrupted=True),
    }
    for words, changed in cases.items():
        verdict = judge(changed, RAMP)
        assert "inconclusive" == verdict.outcome
        assert words in verdict.reasons[0]


def test_a_generator_that_does_not_tell_its_processor_time_is_judged_by_its_lag() -> None:
    """k6 has only its lag."""
    silent = msgspec.structs.replace(results.good().generator, cpu=None, cpu_max=None)
    assert "pass" == judge(with_(results.good(), generator=silent), RAMP).outcome


def test_an_interrupted_run_that_failed_has_failed() -> None:
    """The rest of the run could not undo it."""
    assert "fail" == judge(with_(results.good(), interrupted=True, closes={"1011": 1}), RAMP).outcome


def test_a_figure_that_was_not_measured_is_reported_and_matters_only_where_it_is_required() -> None:
    """Without the server's metrics a ramp can pass and a soak cannot."""
    unasked = with_(results.good(), server=None, steps=[without_tick(step) for step in results.good().steps])
    ramp, soak = judge(unasked, RAMP), judge(enough(unasked), SOAK)
    assert "pass" == ramp.outcome
    assert ramp.checks[0].holds is None
    assert "Server tick p99 at most 50 ms in every step: not measured." == ramp.reasons[-1]
    assert "inconclusive" == soak.outcome
    assert "the objectives require it" in soak.reasons[-1]


def test_a_soak_fails_for_growth_and_not_before_ten_minutes() -> None:
    """A slope of a minute is noise, and so is not measured."""
    grown = msgspec.structs.replace(results.server(4), memory_slope_per_hour=0.05)
    hours, minute = (enough(with_(results.good(), server=grown, seconds=seconds)) for seconds in (7200.0, 60.0))
    assert "growth of the server's memory in an hour at most 2 %" in judge(hours, SOAK).reasons[0].lower()
    assert "fail" == judge(hours, SOAK).outcome
    assert "inconclusive" == judge(minute, SOAK).outcome


def test_a_release_passes_with_its_own_code_and_not_with_another() -> None:
    """1012 is the drain; 1006 is a process that died."""
    drained = with_(results.good(), closes={"1012": 90}, reconnects=90, reconnects_max=1)
    assert "pass" == judge(drained, ROLLING).outcome
    assert "fail" == judge(with_(drained, closes={"1012": 90, "1006": 1}), ROLLING).outcome
    assert "fail" == judge(with_(drained, reconnects_max=9), ROLLING).outcome


def test_the_first_close_is_told_with_its_moment() -> None:
    """When, and at how many players."""
    good = results.good()
    series = [msgspec.structs.replace(one, closes=int(one.t_s == 41)) for one in good.series]
    reason = judge(with_(good, closes={"1011": 1}, series=series), RAMP).reasons[0]
    assert "1 × 1011, the first after 41 s with 41 players" in reason


def test_a_thousandth_of_a_thousand_joins_may_fail_and_none_of_fewer() -> None:
    """Below 1,000 joins a share means nothing."""
    good = results.good()
    assert "pass" == judge(with_(good, joins=1000, joins_failed=1), RAMP).outcome
    assert "fail" == judge(with_(good, joins=1000, joins_failed=2), RAMP).outcome
    assert "fail" == judge(with_(good, joins=999, joins_failed=1), RAMP).outcome


def test_a_run_without_players_proves_nothing() -> None:
    """An empty result is neither good nor bad."""
    empty = with_(results.good(), joins=0, gap=Spread(), steps=[], series=[], players=[])
    assert "inconclusive" == judge(empty, RAMP).outcome


def test_a_step_with_few_gaps_is_not_judged() -> None:
    """Its p99 would be its two worst ones."""
    few = stepped(300, 52, 53)
    few = with_(few, steps=[msgspec.structs.replace(few.steps[0], gap=ms(300, 40)), *few.steps[1:]])
    assert "pass" == judge(few, RAMP).outcome


def test_a_few_late_ticks_before_more_players_in_time_are_chance_and_are_told() -> None:
    """Four of 200 at 20 players and a clean minute after them: p99 holds from there on."""
    verdict = judge(of_late_ticks(0, 4, 0, 1, 0), RAMP)
    assert "pass" == verdict.outcome
    assert (
        "Gap p99 at most 60 ms in every step: at 20 players (10–20 s) with 64 ms, 6.7 % over, with so few late ticks"
        " that they may be chance; the later steps held." == verdict.reasons[1]
    )


@pytest.mark.parametrize("late", [(0, 0, 0, 4), (0, 4, 2, 2, 3)])
def test_a_few_late_ticks_that_nothing_better_follows_are_neither_good_nor_bad(late: tuple[int, ...]) -> None:
    """The last step alone, or one that no clean ones outweigh: to be played again, or held longer."""
    verdict = judge(of_late_ticks(*late), RAMP)
    assert "inconclusive" == verdict.outcome
    assert "hold it longer" in verdict.reasons[0]


@pytest.mark.parametrize("late", [(0, 9, 0, 0, 0, 0), (0, 4, 4, 5, 4, 5)])
def test_more_late_ticks_than_chance_makes_fail_in_one_step_or_from_it_on(late: tuple[int, ...]) -> None:
    """Nine of 200 at once; or two in a hundred all the way, of which no single step would convince."""
    verdict = judge(of_late_ticks(*late), RAMP)
    assert "fail" == verdict.outcome
    assert "first broken at 20 players" in verdict.reasons[0]


def test_of_ramps_with_ticks_late_by_chance_the_good_ones_pass_and_the_bad_ones_fail() -> None:
    """One in 200 is half of what a p99 allows, one in 40 more than twice; step by step, half of the good would fail."""
    good, bad = ([by_chance(share, seed) for seed in range(200)] for share in (1 / 200, 1 / 40))
    assert 0 == good.count("fail")
    assert good.count("pass") >= 160
    assert 0 == bad.count("pass")
    assert bad.count("fail") >= 190


def test_a_server_that_froze_for_two_seconds_once_fails_however_good_the_rest_was() -> None:
    """Corrected for omission, a fifth of the ticks of its step were late."""
    assert "fail" == judge(of_late_ticks(0, 40, 0, 0, 0, 0, 0, 0, 0), RAMP).outcome


RANK = {"pass": 0, "inconclusive": 1, "fail": 2}
DURATION = st.floats(0, 500)


TICKS = st.integers(0, 20)


@st.composite
def runs(draw: st.DrawFn) -> Result:
    """Results of any quality: steps of which all gaps are late or few, by a generator late in all or in some."""
    gaps = st.one_of(DURATION.map(ms), TICKS.map(lambda late: some_late(late / 200)))
    run = lagging(of_steps(*draw(st.lists(gaps, min_size=1, max_size=5))), draw(st.floats(0, 30)))
    in_time = draw(st.integers(0, 4))
    steps = [
        msgspec.structs.replace(step, lag_p99_ms=0.0) if place == in_time else step
        for place, step in enumerate(run.steps)
    ]
    return with_(
        run,
        steps=steps,
        closes=draw(st.dictionaries(st.sampled_from(["1006", "1012", "4002"]), st.integers(0, 3))),
        decode_errors=draw(st.integers(0, 1)),
        joins_failed=draw(st.integers(0, 2)),
        errors={"timeout": draw(st.integers(0, 2))},
        interrupted=draw(st.booleans()),
        first_frame=ms(draw(st.floats(0, 3000))),
    )


@given(runs(), st.data())
def test_worse_figures_never_turn_a_failure_into_a_pass(run: Result, data: st.DataObject) -> None:
    """However a run is made worse, its outcome is as bad or worse; of a later generator, never a pass again."""
    one = data.draw(st.integers(0, len(run.steps) - 1))
    changes: list[dict[str, Any]] = [
        {"closes": {**run.closes, "1006": run.closes.get("1006", 0) + 1}},
        {"decode_errors": run.decode_errors + 1},
        {"joins_failed": run.joins_failed + 1},
        {"interrupted": True},
    ]
    changed = [with_(run, **each) for each in changes]
    worse = data.draw(st.sampled_from([slower(run), later_by_ticks(run, one), *changed]))
    assert RANK[judge(worse, RAMP).outcome] >= RANK[judge(run, RAMP).outcome]
    assert not (judge(run, RAMP).outcome != "pass" and judge(lagging(run, 99), RAMP).outcome == "pass")
    assert not (judge(run, RAMP).outcome != "pass" and judge(late_in(run, one), RAMP).outcome == "pass")


@given(runs(), st.floats(60, 600))
def test_a_wider_bound_never_turns_a_pass_into_a_failure(run: Result, bound: float) -> None:
    """Objectives are monotonic."""
    bounds = {"gap_p99_ms": slo.Bound(bound, "steps")}
    wider = msgspec.structs.replace(RAMP, objectives=msgspec.structs.replace(RAMP.objectives, **bounds))
    assert RANK[judge(run, wider).outcome] <= RANK[judge(run, RAMP).outcome]


@given(runs())
def test_a_verdict_always_has_a_reason_and_agrees_with_its_checks(run: Result) -> None:
    """A pass has no broken check; a failure has one; every verdict has a sentence."""
    verdict = judge(run, RAMP)
    broken = [check for check in verdict.checks if check.holds is False]
    assert verdict.reasons
    assert not (verdict.outcome == "pass" and broken)
    assert not (verdict.outcome == "fail" and not broken)
    assert verdict == msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict)


def by_chance(share: float, seed: int) -> str:
    """The verdict on a ramp of nine steps whose ticks are late by chance, each with this probability."""
    chance = random.Random(seed)
    return judge(of_late_ticks(*(sum(chance.random() < share for _ in range(200)) for _ in range(9))), RAMP).outcome
