import math

import pytest

from loadtest.judge import slo
from loadtest.load import presets
from loadtest.load.presets import ALL, Shape, schedule, shape_of
from loadtest.outcome import CannotRunError


def test_each_scenario_has_its_objectives_and_ends() -> None:
    """A file of its name, and a length within the bounds."""
    assert set(ALL) <= set(slo.names())
    for scenario in ALL.values():
        assert 0 < schedule(scenario.shape).profile.seconds <= presets.MAX_SECONDS


def test_given_settings_override_the_defaults() -> None:
    """Another size keeps the default rate; steps or points drop the default size."""
    usual = Shape(1.0, 90, 0.0)
    assert ((0.0, 0), (30.0, 30)) == Shape(to=30).over(usual).profile().points
    assert ((0.0, 0), (9.0, 90)) == Shape(rate=10.0).over(usual).profile().points
    assert 30.0 == Shape(to=30, hold_s=0.0).over(Shape(1.0, 5, 9.0)).profile().seconds
    assert 20 == Shape(steps=(10, 20)).over(usual).profile().players
    assert 5 == Shape(to=5).over(Shape(steps=(10, 20))).over(usual).profile().players
    assert 7 == Shape(points=((0.0, 0), (5.0, 7))).over(usual).profile().players


def test_a_player_that_leaves_is_replaced() -> None:
    """During the hold of a churn, at its rate; the size stays."""
    plan = schedule(Shape(10.0, 20, 4.0, churn_per_s=5.0))
    assert (20 + 20, 20) == (len(plan.arrivals), len(plan.departures))
    assert 2.0 == plan.hold_begins_s == min(plan.departures)
    assert list(plan.arrivals) == sorted(plan.arrivals)


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        (Shape(1.0, 20_001), "players would be 20001"),
        (Shape(1.0, 0), "--to must be more than 0"),
        (Shape(0.0, 5), "--rate must be more than 0"),
        (Shape(math.nan, 5), "--rate must be more than 0"),
        (Shape(-1.0, 5), "--rate must be more than 0"),
        (Shape(2000.0, 5), "rate would be 2000"),
        (Shape(None, 2001, 1.0), "players in one moment would be 2001"),
        (Shape(1.0, 5, 90_000.0), "hold would be 90000 s"),
        (Shape(1.0, 5, -1.0), "hold would be -1 s"),
        (Shape(1.0, 5, math.inf), "hold would be inf s"),
        (Shape(0.0001, 90), "length would be 900000 s"),
        (Shape(steps=(5, 3)), "Steps rise"),
        (Shape(steps=(0, 3)), "Steps rise"),
        (Shape(points=((0.0, 0), (5.0, 9), (6.0, 3))), "never down in players"),
        (Shape(points=((0.0, 0), (5.0, 9), (4.0, 9))), "go on in time"),
        (Shape(points=((0.0, 0), (math.nan, 9))), "go on in time"),
        (Shape(points=((0.0, 0),)), "at least one player"),
        (Shape(10.0, 50, 10_000.0, churn_per_s=5.0), "come and go would be 50050"),
        (Shape(10.0, 50, 10.0, non_readers=501), "non-readers would be 501"),
    ],
)
def test_no_test_is_beyond_the_bounds(shape: Shape, sentence: str) -> None:
    """The error names the setting and its bound."""
    with pytest.raises(CannotRunError, match=sentence):
        schedule(shape)


def test_a_profile_file_may_have_every_setting() -> None:
    """Under the names of the options."""
    table = {"rate": 2, "to": 40, "hold": 5, "churn": 1.5, "non-readers": 3}
    assert Shape(2.0, 40, 5.0, churn_per_s=1.5, non_readers=3) == shape_of(table)
    assert Shape(points=((0.0, 0), (5.0, 9))) == shape_of({"points": [[0, 0], [5, 9]]})
    assert Shape(rate=1.0, steps=(5, 9)) == shape_of({"rate": 1, "steps": [5, 9]})


@pytest.mark.parametrize(
    "table", [{"spped": 3}, {"rate": "fast"}, {"points": [1, 2]}, {"steps": 5}, {"points": [[0, "x"]]}, {"to": []}]
)
def test_a_file_that_is_not_a_profile_is_refused(table: dict[str, object]) -> None:
    """The error lists the settings."""
    with pytest.raises(CannotRunError, match="A profile has"):
        shape_of(table)
