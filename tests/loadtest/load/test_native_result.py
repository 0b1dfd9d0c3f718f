import msgspec
import pytest

from loadtest.load import native_result
from loadtest.load.native_result import Held, Second, Told
from loadtest.load.presets import Shape
from loadtest.measure.latencies import Spread
from loadtest.measure.step import Spread as Figures
from tests.loadtest.load.orders import order

FIGURES = Figures(50.0, 51.0, 52.0, 52.35)
TOLD = Told(
    target=100,
    clients=97,
    held_s=10.0,
    frames=20_000,
    frames_expected=20_000.0,
    bytes=1_000_000,
    gap=FIGURES,
    late_share=0.0,
    tick_lateness=FIGURES,
    lag=Figures(0.1, 0.1, 0.2, 0.25),
    cpu=0.3,
    full_batches=0.0,
    inputs=20_000,
    inputs_blocked=0,
    closes={"0": 1},
    refusals={"503": 1},
    failures=0,
    gap_buckets=[(499, 990), (523, 10)],
    lag_buckets=[(0, 5), (2, 5)],
)


def found(*told: Told) -> native_result.Result:
    held = [Held(one, 10.0 * place, 10.0 * place + 10) for place, one in enumerate(told)]
    shape = Shape(steps=(100, 200), rate=100.0, hold_s=10.0)
    return native_result.result(order(shape), held, started_at="", interrupted=False, machine={}, server=None)


def test_a_gap_is_as_long_as_its_bucket_and_the_longest_exact() -> None:
    """Buckets are tenths of a millisecond."""
    gap = found(TOLD).gap
    assert 1000 == gap.count
    assert (50.0, 52.35) == pytest.approx((gap.p50_ms, gap.max_ms), rel=1e-3)


def test_steps_merge() -> None:
    """Into one distribution, and stay apart as steps."""
    stalled = msgspec.structs.replace(TOLD, gap_buckets=[(499, 900), (20_000, 100)], gap=Figures(0, 0, 0, 2000.05))
    result = found(TOLD, stalled)
    assert 2000 == result.gap_uncorrected.count
    assert 2000 + 100 * 39 == result.gap.count
    assert [1000, 1000 + 100 * 39] == [step.gap.count for step in result.steps]


def test_a_second_is_a_moment() -> None:
    """With its own gaps, and what the server said then."""
    second = Second(97, 1940, 0.4, FIGURES, FIGURES, [(499, 1900), (600, 40)], [(2, 9)])
    moment = native_result.moment(second, 100, 3.0, 4.5, 98)
    assert (3.0, 100, 97, 1940, 1940) == (moment.t_s, moment.wanted, moment.open, moment.frames, moment.gap.count)
    assert (0.4, 4.5, 98) == (moment.cpu, moment.server_tick_p99_ms, moment.server_connections)


def test_what_it_cannot_know_stays_empty() -> None:
    """No player is made up, nor when anybody came."""
    result = found(TOLD)
    assert ([], Spread(), Spread(), None, None) == (
        *(result.players, result.handshake, result.first_frame),
        *(result.input_to_visible, result.frame_age),
    )


def test_who_is_missing_failed_and_where_nobody_knows_was_not_sent() -> None:
    """Of three, one was closed, one refused, and for one there was no time."""
    result = found(TOLD)
    assert (100, 2, 1) == (result.joins, result.joins_failed, result.generator.arrivals_dropped)
    assert ({"1006": 1}, {"503": 1}, {"refused": 1}) == (result.closes, result.refusals, result.errors)
