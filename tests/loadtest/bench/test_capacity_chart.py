"""loadtest/bench/capacity_chart.py: every server has its bar, Flotilla's in another colour."""

from loadtest.bench import baseline
from loadtest.bench.capacity_chart import BARS, OWN, draw
from loadtest.report.palette import LIGHT
from tests.loadtest.bench.steps import report_of


def test_every_server_of_the_report_has_a_bar() -> None:
    """Its length is the capacity, which also stands beside it as a number."""
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


def test_a_nightly_run_is_drawn_too() -> None:
    """Its two servers need not hold 1,000 players."""
    draw(report_of({"textbook": 24, "ours": 48})).canvas.draw()
