import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.measure import gaps
from loadtest.measure.gaps import GRAIN_S, Gaps
from loadtest.measure.latencies import Latencies, Spread

TICK_S = 0.05
DURATIONS = st.lists(st.floats(0.001, 3.0), min_size=1, max_size=300)


def of(durations: list[float]) -> Gaps:
    found = Gaps()
    for duration in durations:
        found.add(duration)
    return found


@given(DURATIONS)
def test_a_players_figures_are_those_of_the_histogram(durations: list[float]) -> None:
    """To the histogram's three digits, with the correction for coordinated omission."""
    histogram = Latencies()
    histogram.add_all_paced(durations, TICK_S)
    own, same = of(durations).spread(TICK_S), histogram.spread()
    assert own.count == same.count
    assert (own.p50_ms, own.p95_ms, own.p99_ms, own.max_ms) == pytest.approx(
        (same.p50_ms, same.p95_ms, same.p99_ms, same.max_ms), rel=2e-3
    )


@settings(max_examples=30)
@given(DURATIONS)
def test_folding_loses_no_gap_and_hardly_any_of_its_length(durations: list[float]) -> None:
    """However often it happens."""
    plain = of(durations).spread(100.0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gaps, "FOLD_AT", 7)
        folded = of(durations).spread(100.0)
    assert plain.count == folded.count
    assert plain.max_ms == pytest.approx(folded.max_ms, abs=GRAIN_S * 1000)
    assert plain.p50_ms == pytest.approx(folded.p50_ms, abs=GRAIN_S * 1000)


def test_none_have_no_figures() -> None:
    """Zeros, as everywhere."""
    assert Spread() == Gaps().spread(TICK_S)


def test_a_freeze_is_many_waits() -> None:
    """Two seconds among two hundred good gaps are in its p99."""
    spread = of([0.05] * 200 + [2.0]).spread(TICK_S)
    assert 240 == spread.count
    assert 1800 < spread.p99_ms <= 2000 == spread.max_ms
