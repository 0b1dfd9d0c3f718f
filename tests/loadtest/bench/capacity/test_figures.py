from loadtest.bench.capacity.figures import report
from tests.loadtest.bench.capacity.steps import CALIBRATED, report_of, result, step


def test_a_ratio_is_the_median_of_the_ratios_of_the_rounds() -> None:
    """A round in which the whole machine was slow counts like the others."""
    fresh = report_of({"ours": 2000, "node": 2000}, {"ours": 500, "node": 400}, {"ours": 2200, "node": 2000})

    assert [1.0, 1.25, 1.1] == fresh.ratios["node"].rounds
    assert 1.1 == fresh.ratios["node"].value
    assert 2000 == fresh.servers["ours"].capacity


def test_a_ratio_without_a_capacity_on_one_side_has_no_value() -> None:
    """A server that carried nobody is not divided by, and not left out either."""
    fresh = report_of({"ours": 2000, "node": 1900}, {"ours": 0, "node": 1900})

    assert fresh.ratios["node"].value is None


def test_a_size_that_failed_only_with_a_late_generator_makes_the_ratio_inconclusive() -> None:
    """Such a capacity is a lower bound."""
    late = step(3000, gap_ms=90, lag_ms=20)
    fresh = report({}, [{"ours": result("ours", 2000, late), "node": result("node", 2000)}], CALIBRATED)

    assert not fresh.ratios["node"].conclusive
    assert fresh.servers["ours"].generator_limited


def test_a_size_that_failed_with_the_generator_in_order_too_is_conclusive() -> None:
    """One clean failure is evidence against the server."""
    late, clean = step(3000, gap_ms=90, lag_ms=20), step(3000, gap_ms=90)
    fresh = report({}, [{"ours": result("ours", 2000, late, clean), "node": result("node", 2000)}], CALIBRATED)

    assert fresh.ratios["node"].conclusive


def test_processor_time_is_compared_at_a_thousand_only() -> None:
    """Below, a share of a core means another amount of work."""
    assert report_of({"ours": 900, "node": 2000}).ratios["cpu_to_node"].value is None
    assert 1.0 == report_of({"ours": 1100, "node": 2000}).ratios["cpu_to_node"].value
