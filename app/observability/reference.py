"""The table of metrics in docs/metrics.md is made here from their declarations, so that the two cannot drift apart.

What a metric means comes from its declaration; `NOTES` adds who moves it, and what it tells in an incident.
"""

from collections.abc import Iterator
from typing import Final

from prometheus_client.metrics import MetricWrapperBase

from app.observability import metrics

BEGIN: Final = "<!-- metrics: made by `flotilla metrics`, do not edit by hand -->"
END: Final = "<!-- end of metrics -->"

HEADINGS: Final = ("Metric", "Type", "Labels", "Moved by", "Meaning", "In an incident")

# Who moves it (`flotilla run` is gateway and tick in one), and what to read from it.
NOTES: Final = {
    "flotilla_tick_duration_seconds": ("tick", "Over 0.04 s: near the budget; too many ships, or no CPU."),
    "flotilla_tick_lateness_seconds": ("tick", "Late but short ticks: the process does not get its CPU."),
    "flotilla_tick_overruns_total": ("tick", "Growing: players see ships stutter."),
    "flotilla_ticks_slipped_total": ("tick", "Growing: the world runs slower than time."),
    "flotilla_ships": ("tick", "0 while sockets are open: the tick does not hear the gateways."),
    "flotilla_publish_skipped_total": ("tick", "Growing: Redis takes longer than a tick."),
    "flotilla_publish_failed_total": ("tick", "Growing: Redis is away; players are paused."),
    "flotilla_batches_refused_total": ("tick", "Growing after a rollout: releases that do not understand each other."),
    "flotilla_connections": ("gateway", "A fall without a deploy: the network or the balancer."),
    "flotilla_closes_total": ("gateway", "1006: networks; 1012: a drain; 4002: slow peers; 4500 and above: bad peers."),
    "flotilla_refusals_total": ("gateway", "`process_full`: scale out; `origin`: a host name is missing."),
    "flotilla_frames_skipped_total": (
        "gateway",
        "`superseded`: the gateway is late; `slow`: its peers are; `refused_format`: an unknown release of the tick.",
    ),
    "flotilla_relay_age_seconds": ("gateway", "Old frames: Redis, the network, or clocks that disagree."),
    "flotilla_fanout_seconds": ("gateway", "Long: too many sockets for one process; scale out."),
    "flotilla_uplink_failed_total": ("gateway", "Growing: Redis is away; inputs do not arrive."),
    "flotilla_layer_errors_total": ("gateway, tick", "Growing: Redis is away."),
    "flotilla_layer_renewals_total": ("gateway, tick", "Growing: subscriptions die silently on the way to Redis."),
    "flotilla_lease_held": ("tick", "The sum over all must be 1: with 0 nobody moves the world."),
    "flotilla_lease_epoch": ("tick", "Each step is a takeover."),
    "flotilla_lease_failed_total": ("tick", "Growing: Redis is away or slow; a takeover is near."),
    "flotilla_checkpoints_failed_total": ("tick", "Growing: a restart of everything would lose the world."),
    "flotilla_checkpoints_refused_total": (
        "tick",
        "`format`: waits for a release that reads it; `damaged`: the world began anew; `epoch`: a tick was late.",
    ),
    "flotilla_outage_errors_total": ("all", "Growing: Redis is away; the log has one line about it."),
    "flotilla_event_loop_lag_seconds": ("gateway, tick", "Over 0.05 s: the process is out of CPU, or stuck."),
    "flotilla_build_info": ("all", "Which release, and whether all have the same."),
}


def table() -> str:
    """Return the Markdown table, one row a metric, in the order of their declaration."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(_row, declared())]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def declared() -> Iterator[MetricWrapperBase]:
    """Yield the metrics of the product, in the order of their declaration."""
    yield from (value for value in vars(metrics).values() if isinstance(value, MetricWrapperBase))


def name(metric: MetricWrapperBase) -> str:
    """Return the name as dashboards use it; a counter's ends with _total."""
    family = next(iter(metric.describe()))
    return f"{family.name}_total" if family.type == "counter" else family.name


def _row(metric: MetricWrapperBase) -> tuple[str, ...]:
    family = next(iter(metric.describe()))
    labels = ", ".join(f"`{label}`" for label in metric._labelnames)  # noqa: SLF001  # nothing public tells them
    return (f"`{name(metric)}`", family.type, labels, *_notes(name(metric), family.documentation))


def _notes(metric: str, meaning: str) -> tuple[str, str, str]:
    roles, incident = NOTES.get(metric, ("", ""))  # tests/observability/test_reference.py asks for all
    return roles, meaning, incident
