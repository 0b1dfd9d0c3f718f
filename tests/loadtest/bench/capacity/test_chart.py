"""Tests of loadtest/bench/capacity/chart.py: every server has its bar, ours in a colour of their own."""

from loadtest.bench.capacity import baseline
from loadtest.bench.capacity.chart import BARS, OWN, draw
from loadtest.report.palette import LIGHT


def test_every_server_of_the_report_has_a_bar() -> None:
    """As long as its capacity, and said in a figure beside it."""
    report = baseline.read(baseline.BASELINE)
    figure = draw(report)
    figure.canvas.draw()
    bars = [patch.get_width() for patch in figure.axes[0].patches]
    assert [report.servers[name].capacity for name in reversed(BARS)] == bars
    assert {f"{width:,.0f}" for width in bars} <= {text.get_text() for text in figure.axes[0].texts}


def test_ours_stand_out() -> None:
    """Two bars of six."""
    figure = draw(baseline.read(baseline.BASELINE))
    colours = [patch.get_facecolor() for patch in figure.axes[0].patches]
    assert len(OWN) == colours.count(max(colours))
    assert LIGHT["p99"] != LIGHT["crowd"]
