"""Tests of loadtest/report/ramp_chart.py: the picture has the measured values, on a readable scale."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtest.measure.latencies import Spread
from loadtest.measure.result import Result
from loadtest.report.palette import LIGHT
from loadtest.report.ramp_chart import ramp, side_by_side
from tests.loadtest.measure import results


def test_the_lines_are_the_percentiles_of_each_second() -> None:
    """p99 over time, as measured."""
    series = results.good().series
    assert [moment.gap.p99_ms for moment in series] == line(ramp(results.good()).axes[0], "p99")


def test_the_budget_and_the_limit_are_drawn() -> None:
    """50 ms and 60 ms, from end to end."""
    levels = [list(one.get_ydata()) for one in ramp(results.good()).axes[0].lines]
    assert [50.0, 50.0] in levels
    assert [60.0, 60.0] in levels


def test_a_server_in_time_is_drawn_from_zero_and_a_late_one_by_powers() -> None:
    """50 and 60 ms stay apart from each other, and two seconds stay in the picture."""
    good, bad = (ramp(one).axes[0] for one in (results.good(), results.bad()))
    assert ("linear", 0.0) == (good.get_yscale(), good.get_ylim()[0])
    assert "log" == bad.get_yscale()
    assert bad.get_ylim()[1] > max(moment.gap.p99_ms for moment in results.bad().series)


def test_where_it_broke_is_marked() -> None:
    """A line at the beginning of the first step over the limit."""
    upright = [one for one in ramp(results.bad()).axes[0].lines if list(one.get_ydata()) == [0, 1]]
    assert [20.0, 20.0] == [float(x) for x in upright[0].get_xdata()]


def test_runs_side_by_side_share_their_scales() -> None:
    """Else a bad one would look like a good one."""
    axes = side_by_side([("Flotilla", results.good()), ("Textbook", results.bad())]).axes
    assert axes[0].get_ylim() == axes[2].get_ylim()
    assert axes[0].get_yscale() == axes[2].get_yscale() == "log"
    assert axes[1].get_ylim() == axes[3].get_ylim()
    assert axes[0].get_xlim() == axes[2].get_xlim()


def test_every_word_is_inside_the_picture() -> None:
    """Nothing is cut off, of one run or of two."""
    for figure in (
        ramp(results.good()),
        ramp(results.bad()),
        side_by_side([("A", results.good()), ("B", results.bad())]),
    ):
        assert [] == outside(figure)


@pytest.mark.parametrize(
    ("moment_s", "repeats", "words"),
    [(1.0, 1, "by second"), (10.0, 1, "by stretches of 10 s"), (1.0, 20, "the worst 1 s of each 3 s")],
)
def test_what_a_point_stands_for_is_said(moment_s: float, repeats: int, words: str) -> None:
    """Of a test of hours a point is the worst of many moments."""
    good = results.good()
    plan = msgspec.structs.replace(good.plan, moment_s=moment_s)
    figure = ramp(msgspec.structs.replace(good, plan=plan, series=good.series * repeats))
    assert any(text.get_text().endswith(words) for text in figure.axes[0].texts)


@pytest.mark.parametrize(
    "changes",
    [
        {"series": []},
        {"series": [], "steps": [], "seconds": 0.0},
        {"series": [msgspec.structs.replace(one, gap=Spread()) for one in results.good().series]},
        {"series": [msgspec.structs.replace(one, open=0, wanted=0) for one in results.good().series]},
        {"series": results.good().series[:1]},
        {"series": results.good().series * 200},
        {
            "series": [
                msgspec.structs.replace(one, gap=Spread(1, 1e300, 1e300, 1e300, 1e300)) for one in results.good().series
            ]
        },
        {"version": "$\\frac{", "machine": {"$": "$"}},
    ],
)
def test_any_result_can_be_drawn(changes: dict[str, Any]) -> None:
    """Empty, short, long, absurd: a picture comes of it, without a warning."""
    changed: Result = msgspec.structs.replace(results.good(), **changes)
    figure = ramp(changed)
    figure.canvas.draw()
    assert 2 == len(figure.axes)


def line(axes: Axes, name: str) -> Sequence[float]:
    """The values of the widest line in that colour that has any."""
    found = [one for one in axes.lines if one.get_color() == LIGHT[name] and len(one.get_ydata())]
    return [float(value) for value in np.asarray(found[0].get_ydata())]


def outside(figure: Figure) -> list[str]:
    figure.canvas.draw()
    whole = figure.bbox
    words = [
        text for text in figure.findobj(lambda one: hasattr(one, "get_text")) if text.get_text() and text.get_visible()
    ]
    boxes = [(text.get_text(), text.get_window_extent()) for text in words]
    return [name for name, box in boxes if box.x0 < whole.x0 - 1 or box.x1 > whole.x1 + 1 or box.y1 > whole.y1 + 1]
