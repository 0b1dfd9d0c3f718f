"""Tests of loadtest/report/charts.py: percentiles stand where they belong, and what was not measured is not drawn."""

import msgspec
import numpy as np

from loadtest.measure.latencies import Latencies
from loadtest.measure.result import Result
from loadtest.report import charts
from tests.loadtest.measure import results

MEASURED = 2  # the first measured line of a chart with lines at 50 and 60 ms


def test_the_distribution_goes_through_its_own_percentiles() -> None:
    """At p50 and p99 the curve has the values of the spread."""
    figure = charts.distribution(results.bad())
    assert figure is not None
    curve = figure.axes[0].lines[MEASURED]
    places, values = np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
    for share, expected in ((0.5, results.bad().gap.p50_ms), (0.99, results.bad().gap.p99_ms)):
        at = int(np.searchsorted(places, -np.log10(1 - share), side="right")) - 1
        assert abs(values[at] / expected - 1) < 0.01


def test_one_single_gap_is_a_distribution_too() -> None:
    """The rarest gap stands where nothing is rarer."""
    one = Latencies()
    one.add(0.05)
    figure = charts.distribution(with_histogram(one.encode()))
    assert figure is not None
    figure.canvas.draw()


def test_without_a_histogram_there_is_no_distribution() -> None:
    """k6 has none."""
    assert charts.distribution(msgspec.structs.replace(results.good(), histograms={})) is None
    assert charts.distribution(with_histogram(Latencies().encode())) is None


def test_each_player_is_a_point_and_a_crowd_is_thinned_out() -> None:
    """A page holds some thousand."""
    good = results.good()
    figure = charts.players(good)
    assert figure is not None
    assert 90 == len(figure.axes[0].lines[MEASURED].get_xdata())
    crowd = charts.players(msgspec.structs.replace(good, players=good.players * 100))
    assert crowd is not None
    assert len(crowd.axes[0].lines[MEASURED].get_xdata()) <= 3000


def test_players_who_never_came_in_have_no_point() -> None:
    """A figure that was not measured is not zero."""
    nobody = [msgspec.structs.replace(one, first_frame_ms=None) for one in results.good().players]
    figure = charts.players(msgspec.structs.replace(results.good(), players=nobody))
    assert figure is not None
    assert 0 == len(figure.axes[0].lines[MEASURED].get_xdata())
    assert charts.players(msgspec.structs.replace(results.good(), players=[])) is None


def test_the_generators_own_lag_is_drawn() -> None:
    """It shows whether a run is to be doubted."""
    figure = charts.generator(results.good())
    assert figure is not None
    assert [one.lag_p99_ms for one in results.good().series] == list(figure.axes[0].lines[0].get_ydata())
    assert charts.generator(msgspec.structs.replace(results.good(), series=[])) is None


def test_a_generator_that_does_not_tell_its_cores_has_one_panel() -> None:
    """An empty one would look like none used."""
    silent = [msgspec.structs.replace(one, cpu=None) for one in results.good().series]
    figure = charts.generator(msgspec.structs.replace(results.good(), series=silent))
    assert figure is not None
    assert 1 == len(figure.axes)


def with_histogram(text: str) -> Result:
    return msgspec.structs.replace(results.good(), histograms={"gap": text})
