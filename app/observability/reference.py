"""Generates the table of metrics in docs/metrics.md from their declarations.

The meaning of a metric comes from its declaration. `NOTES` adds the roles that change it and how to read it in an
incident.
"""

from collections.abc import Iterator
from typing import Final

from prometheus_client.metrics import MetricWrapperBase

from app.observability import metrics

BEGIN: Final = "<!-- metrics: made by `flotilla metrics`, do not edit by hand -->"
END: Final = "<!-- end of metrics -->"

HEADINGS: Final = ("Metric", "Type", "Labels", "Changed by", "Meaning", "In an incident")

# The roles that change it (`flotilla run` is gateway and tick in one), and how to read it in an incident.
NOTES: Final = {
    "flotilla_tick_duration_seconds": ("tick", "Over 0.04 s: near the budget; too many ships or too little CPU."),
    "flotilla_tick_lateness_seconds": ("tick", "Late but short ticks: the process does not get enough CPU."),
    "flotilla_tick_overruns_total": ("tick", "Growing: players see ships stutter."),
    "flotilla_ticks_slipped_total": ("tick", "Growing: the world runs slower than time."),
    "flotilla_ships": ("tick", "0 while sockets are open: the tick does not receive from the gateways."),
    "flotilla_publish_skipped_total": ("tick", "Growing: Redis takes longer than a tick."),
    "flotilla_publish_failed_total": ("tick", "Growing: Redis is unreachable; players are paused."),
    "flotilla_batches_refused_total": (
        "tick",
        "Growing after a rollout: a release that this one cannot read.",
    ),
    "flotilla_connections": ("gateway", "A fall without a deployment: the network or the load balancer."),
    "flotilla_closes_total": (
        "gateway",
        "1006: networks; 1012: a drain; 4002: slow clients; 4500 and above: faulty clients.",
    ),
    "flotilla_refusals_total": (
        "gateway",
        "`process_full`: add gateways; `origin`: a host name is missing in the settings.",
    ),
    "flotilla_frames_skipped_total": (
        "gateway",
        "`overload`: too many players; `slow`: clients that do not read; `refused_format`: a tick of another release.",
    ),
    "flotilla_relay_age_seconds": ("gateway", "High: Redis or the network is slow, or clocks differ."),
    "flotilla_fanout_seconds": ("gateway", "High: too many sockets for one process; add gateways."),
    "flotilla_ticks_per_write": ("gateway", "Over 1: too many players for one process; add gateways."),
    "flotilla_joined_ticks_total": ("gateway", "Growing: the gateway or its clients are late."),
    "flotilla_keyframes_total": (
        "gateway",
        "`gap`: ticks got lost on the way; `slow`: clients do not read; `resync`: clients lost the thread.",
    ),
    "flotilla_uplink_failed_total": ("gateway", "Growing: Redis is unreachable; inputs do not arrive."),
    "flotilla_layer_errors_total": ("gateway, tick", "Growing: Redis is unreachable."),
    "flotilla_layer_full_total": ("run", "Growing: the process is far too slow."),
    "flotilla_layer_renewals_total": ("gateway, tick", "Growing: subscriptions at Redis end without an error."),
    "flotilla_lease_held": ("tick", "The sum over all processes must be 1; with 0 the world stands still."),
    "flotilla_lease_epoch": ("tick", "Each step is a takeover."),
    "flotilla_lease_failed_total": ("tick", "Growing: Redis is unreachable or slow; a takeover may follow."),
    "flotilla_checkpoints_failed_total": ("tick", "Growing: a restart of all processes would lose the world."),
    "flotilla_checkpoints_refused_total": (
        "tick",
        "`format`: a release that can read it must lead; `damaged`: the world started empty; `epoch`: a tick was late.",
    ),
    "flotilla_outage_errors_total": ("all", "Growing: Redis is unreachable; the log has one line per outage."),
    "flotilla_event_loop_lag_seconds": ("gateway, tick", "Over 0.05 s: the process has too little CPU or is stuck."),
    "flotilla_build_info": ("all", "Shows which releases run."),
}


def table() -> str:
    """Return the Markdown table with one row per metric, in the order of their declaration."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(_row, declared())]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def declared() -> Iterator[MetricWrapperBase]:
    """Yield the metrics of the product, in the order of their declaration."""
    yield from (value for value in vars(metrics).values() if isinstance(value, MetricWrapperBase))


def name(metric: MetricWrapperBase) -> str:
    """Return the name in queries; the name of a counter ends with _total."""
    family = next(iter(metric.describe()))
    return f"{family.name}_total" if family.type == "counter" else family.name


def _row(metric: MetricWrapperBase) -> tuple[str, ...]:
    family = next(iter(metric.describe()))
    labels = ", ".join(f"`{label}`" for label in metric._labelnames)  # noqa: SLF001  # there is no public attribute for them
    return (f"`{name(metric)}`", family.type, labels, *_notes(name(metric), family.documentation))


def _notes(metric: str, meaning: str) -> tuple[str, str, str]:
    roles, incident = NOTES.get(metric, ("", ""))  # tests/observability/test_reference.py requires one for each metric
    return roles, meaning, incident
