"""app/observability/metrics.py: names, types and labels are what dashboards and alerts are built on."""

import platform

import pytest
from prometheus_client import REGISTRY, generate_latest

from app import __version__
from app.observability import metrics
from app.observability.reference import declared, name

PROMISED = {
    "flotilla_tick_duration_seconds": ("histogram", ()),
    "flotilla_tick_lateness_seconds": ("histogram", ()),
    "flotilla_tick_overruns_total": ("counter", ()),
    "flotilla_lease_held": ("gauge", ()),
    "flotilla_lease_epoch": ("gauge", ()),
    "flotilla_ships": ("gauge", ()),
    "flotilla_connections": ("gauge", ()),
    "flotilla_closes_total": ("counter", ("code",)),
    "flotilla_refusals_total": ("counter", ("reason",)),
    "flotilla_frames_skipped_total": ("counter", ("reason",)),
    "flotilla_relay_age_seconds": ("histogram", ()),
    "flotilla_event_loop_lag_seconds": ("histogram", ()),
    "flotilla_outage_errors_total": ("counter", ("logger",)),
    "flotilla_build_info": ("gauge", ("version", "python", "role")),
}


def test_what_is_promised_is_there() -> None:
    """A changed name, type or label breaks alerts without an error."""
    found = {name(metric): (next(iter(metric.describe())).type, metric._labelnames) for metric in declared()}
    assert PROMISED == {promised: found.get(promised) for promised in PROMISED}


@pytest.mark.parametrize("bound", ["0.04", "0.05"])
def test_the_warning_and_the_budget_are_boundaries(bound: str) -> None:
    """The ratio of the objective is exact only if these are boundaries."""
    assert REGISTRY.get_sample_value("flotilla_tick_duration_seconds_bucket", {"le": bound}) is not None


def test_the_build_names_release_and_role() -> None:
    """One series, also if the role is set twice."""
    metrics.set_role("web")
    metrics.set_role("tick")
    (family,) = [family for family in REGISTRY.collect() if family.name == "flotilla_build_info"]
    (sample,) = family.samples
    assert 1 == sample.value
    assert {"version": __version__, "python": platform.python_version(), "role": "tick"} == sample.labels


def test_known_series_begin_at_zero() -> None:
    """The first close, refusal or skip counts in rate() and increase()."""
    page = generate_latest().decode()
    for series in (
        'flotilla_closes_total{code="1012"}',
        'flotilla_refusals_total{reason="process_full"}',
        'flotilla_frames_skipped_total{reason="slow"}',
        'flotilla_batches_refused_total{reason="format"}',
        'flotilla_checkpoints_refused_total{reason="damaged"}',
        'flotilla_outage_errors_total{logger="asyncio"}',
    ):
        assert f"\n{series} " in page


def test_no_series_has_a_gauge_of_its_creation() -> None:
    """The library's gauge beside each series is off."""
    assert b"_created" not in generate_latest()
