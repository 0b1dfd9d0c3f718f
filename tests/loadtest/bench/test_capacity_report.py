"""loadtest/bench/capacity_report.py: ratios of rounds, and which capacities may be higher."""

import pytest

from loadtest.bench.capacity_report import report
from loadtest.measure.step import Step
from tests.loadtest.bench.steps import CALIBRATED, LATE, carried, failed, report_of


def test_a_ratio_is_the_median_of_the_ratios_of_the_rounds() -> None:
    """A round in which the whole machine was slow counts like the others."""
    fresh = report_of({"ours": 2000, "node": 2000}, {"ours": 500, "node": 400}, {"ours": 2200, "node": 2000})

    assert [1.0, 1.25, 1.1] == fresh.ratios["node"].rounds
    assert 1.1 == fresh.ratios["node"].value
    assert 2000 == fresh.servers["ours"].capacity


def test_a_ratio_without_a_capacity_on_one_side_has_no_value() -> None:
    """A server that carried no players is not a divisor, and the round counts."""
    fresh = report_of({"ours": 2000, "node": 1900}, {"ours": 0, "node": 1900})

    assert fresh.ratios["node"].value is None


@pytest.mark.parametrize(
    ("failures", "conclusive"),
    [
        ([failed(3000, **LATE)], False),
        ([failed(3000, **LATE), failed(3000)], True),
        ([failed(3000, **LATE), failed(2500)], True),
        ([failed(2500, **LATE), failed(3000)], False),
    ],
)
def test_a_size_that_failed_only_with_a_late_generator_leaves_the_ratio_open(
    failures: list[Step], conclusive: bool
) -> None:
    """Unless the same size or a smaller one failed because of the server."""
    fresh = report({}, [{"ours": carried("ours", 2000, *failures), "node": carried("node", 2000)}], CALIBRATED)

    assert conclusive == fresh.ratios["node"].conclusive == (not fresh.servers["ours"].doubts)


def test_processor_time_is_compared_at_a_thousand_only() -> None:
    """Below, a share of a core means another amount of work."""
    assert report_of({"ours": 900, "node": 2000}).ratios["cpu_to_node"].value is None
    assert 1.0 == report_of({"ours": 1100, "node": 2000}).ratios["cpu_to_node"].value
