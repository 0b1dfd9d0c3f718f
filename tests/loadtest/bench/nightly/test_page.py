"""loadtest/bench/nightly/page.py: what a night looks like in CI."""

from loadtest.bench.nightly.page import markdown
from loadtest.bench.nightly.verdict import judge
from tests.loadtest.bench.nightly.nights import nights


def test_the_page_says_verdict_reasons_and_every_step() -> None:
    """In this order, with the machine between."""
    rounds = nights((1200, 24))
    night = judge(rounds, 100.0)

    lines = markdown(night, rounds, {"processor": "a fast one"}).splitlines()

    assert "# Nightly capacity: fail" == lines[0]
    assert f"- {night.reasons[0]}" in lines
    assert "- processor: a fast one" in lines
    assert ["1,200", "1,201"] == [line.split(" | ")[2] for line in lines if "Flotilla, `full`" in line]
