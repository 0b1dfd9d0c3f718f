"""loadtest/bench/capacity_page.py: a run as it looks in CI."""

from loadtest.bench.capacity_page import markdown
from loadtest.bench.capacity_report import report
from loadtest.bench.capacity_verdict import gate
from tests.loadtest.bench.steps import report_of, rounds_of

KEPT = report_of({"ours": 2400, "textbook": 24})


def test_a_page_has_the_verdict_its_reasons_and_every_step() -> None:
    """In this order, with the machine between."""
    rounds = rounds_of({"textbook": 24, "ours": 900})
    found = report({"processor": "a fast one"}, rounds, None)

    lines = markdown(found, gate(found, KEPT), rounds).splitlines()

    assert "# Capacity of one core: fail" == lines[0]
    assert lines[2].startswith("- Flotilla carried 900 players, 37.5 times the 24 of textbook")
    assert "- processor: a fast one" in lines
    assert "- calibration: none, so the targets are not judged" in lines
    rows = [line.split(" | ") for line in lines if line.startswith("| Flotilla, full pictures | 1 |")]
    assert ["900", "900", "901"] == [row[2] for row in rows]


def test_a_calibrated_page_judges_the_targets() -> None:
    """With the value, the bound and the goal."""
    lines = markdown(report_of({"ours": 2500, "node": 2500})).splitlines()

    assert "# Capacity of one core" == lines[0]
    assert "| capacity, to node ws | 1.00 | at least 0.95 (goal 1) | goal reached |" in lines
