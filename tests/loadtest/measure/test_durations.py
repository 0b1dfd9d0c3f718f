import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.measure import durations as module
from loadtest.measure.durations import GRAIN_S, Durations
from loadtest.measure.latencies import Latencies, Spread

TICK_S = 0.05
LISTS = st.lists(st.floats(0.001, 3.0), min_size=1, max_size=300)


def of(durations: list[float]) -> Durations:
    found = Durations()
    for duration in durations:
        found.add(duration)
    return found


@given(LISTS)
def test_a_players_figures_are_those_of_the_histogram(durations: list[float]) -> None:
    """To the histogram's three digits, corrected for coordinated omission."""
    histogram = Latencies()
    histogram.add_all_paced(durations, TICK_S)
    own, same = of(durations).spread(TICK_S), histogram.spread()
    assert own.count == same.count
    assert (own.p50_ms, own.p95_ms, own.p99_ms, own.max_ms) == pytest.approx(
        (same.p50_ms, same.p95_ms, same.p99_ms, same.max_ms), rel=2e-3
    )


@settings(max_examples=30)
@given(LISTS)
def test_folding_loses_no_duration_and_hardly_any_of_its_length(durations: list[float]) -> None:
    """Any number of folds keeps the count, and values to the resolution."""
    plain = of(durations).spread()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "FOLD_AT", 7)
        folded = of(durations).spread()
    assert plain.count == folded.count
    assert plain.max_ms == pytest.approx(folded.max_ms, abs=GRAIN_S * 1000)
    assert plain.p50_ms == pytest.approx(folded.p50_ms, abs=GRAIN_S * 1000)


def test_without_durations_all_figures_are_zero() -> None:
    """Also after they were cleared."""
    cleared = of([0.05])
    cleared.clear()
    assert Spread() == Durations().spread(TICK_S) == cleared.spread()


def test_a_freeze_is_many_waits() -> None:
    """Two seconds among two hundred good gaps show in p99."""
    spread = of([0.05] * 200 + [2.0]).spread(TICK_S)
    assert 240 == spread.count
    assert 1800 < spread.p99_ms <= 2000 == spread.max_ms
