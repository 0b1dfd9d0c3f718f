import msgspec
import pytest

from loadtest.load import generator_report
from loadtest.load.generator_report import MeasuredStep, SecondReport, StepReport
from loadtest.load.presets import Shape
from loadtest.load.result_builder import Circumstances, build
from loadtest.measure.latencies import Spread
from loadtest.measure.result import Result
from loadtest.measure.step import Spread as Figures
from tests.loadtest.bench.steps import step
from tests.loadtest.load.orders import order

FIGURES = Figures(50.0, 52.0, 52.35)
LOAD = step(
    100, clients=97, closes={"0": 1}, refusals={"503": 1}, gap=FIGURES, lag=Figures(0.1, 0.2, 0.25), cpu=0.3
).load
REPORT = StepReport(**msgspec.structs.asdict(LOAD), gap_buckets=[(499, 990), (523, 10)], lag_buckets=[(0, 5), (2, 5)])


def measured(*reports: StepReport) -> list[MeasuredStep]:
    return [MeasuredStep(one, 10.0 * place, 10.0 * place + 10) for place, one in enumerate(reports)]


def found(*reports: StepReport) -> Result:
    steps = measured(*reports)
    final = generator_report.final(steps, "v1")
    plan = order(Shape(steps=(100, 200), rate=100.0, hold_s=10.0))
    about = Circumstances("native", "", interrupted=False, machine={}, server=None)
    return build(plan, [final], [], [generator_report.step(one) for one in steps], about)


def test_a_gap_is_as_long_as_its_bucket_and_the_longest_exact() -> None:
    """Buckets are tenths of a millisecond."""
    gap = found(REPORT).gap
    assert 1000 == gap.count
    assert (50.0, 52.35) == pytest.approx((gap.p50_ms, gap.max_ms), rel=1e-3)


def test_steps_merge() -> None:
    """Into one distribution, and remain separate as steps."""
    stalled = msgspec.structs.replace(REPORT, gap_buckets=[(499, 900), (20_000, 100)], gap=Figures(0, 0, 2000.05))
    result = found(REPORT, stalled)
    assert 2000 == result.gap_uncorrected.count
    assert 2000 + 100 * 39 == result.gap.count
    assert [1000, 1000 + 100 * 39] == [step.gap.count for step in result.steps]


def test_a_second_is_a_moment() -> None:
    """With its own gaps and the server's figures."""
    second = SecondReport(97, 1940, 0.4, FIGURES, FIGURES, [(499, 1900), (600, 40)], [(2, 9)])
    moment = generator_report.moment(second, 100, 3.0, 4.5, 98)
    assert (3.0, 100, 97, 1940, 1940) == (moment.t_s, moment.wanted, moment.open, moment.frames, moment.gap.count)
    assert (0.4, 4.5, 98) == (moment.cpu, moment.server_tick_p99_ms, moment.server_connections)


def test_figures_that_the_generator_does_not_report_stay_empty() -> None:
    """No player is invented, nor a time of arrival."""
    result = found(REPORT)
    assert ([], Spread(), Spread(), Spread(), None, None) == (
        *(result.players, result.handshake, result.first_frame, result.freeze),
        *(result.input_to_visible, result.frame_age),
    )
    assert {"gap", "gap_uncorrected", "lag"} == set(result.histograms)
    assert (10.0, 0.3) == (result.seconds, result.generator.cpu)


def test_a_missing_player_failed_and_one_without_a_reason_was_not_sent() -> None:
    """Of three, one was closed, one refused, and for one there was no time."""
    result = found(REPORT)
    assert (100, 2, 1) == (result.joins, result.joins_failed, result.generator.arrivals_dropped)
    assert ({"1006": 1}, {"503": 1}, {"refused": 1}) == (result.closes, result.refusals, result.errors)


def test_without_failures_there_are_no_errors() -> None:
    """Not even a kind with none."""
    assert {} == found(msgspec.structs.replace(REPORT, clients=100, closes={}, refusals={})).errors
