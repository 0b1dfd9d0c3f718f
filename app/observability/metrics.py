"""Every Prometheus metric of the product; each is moved beside the state that it describes, never anywhere else."""

import platform
from typing import Final

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from app import __version__
from app.observability import labels

disable_created_metrics()  # type: ignore[no-untyped-call]  # a gauge beside each series; nobody reads when a counter began

_TICK_BUCKETS: Final = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.035),
    0.04,  # the warning: 80 % of the budget
    0.045,
    0.05,  # the budget: the SLO's ratio is exact only if this is a boundary
    *(0.06, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0),
)

TICK_DURATION: Final = Histogram(
    "flotilla_tick_duration_seconds",
    "Time to drain, step, encode and hand over one tick.",
    buckets=_TICK_BUCKETS,
)
TICK_LATENESS: Final = Histogram(
    "flotilla_tick_lateness_seconds", "How long after its deadline a tick began.", buckets=_TICK_BUCKETS
)
TICK_OVERRUNS: Final = Counter("flotilla_tick_overruns_total", "Ticks that took longer than their 50 ms budget.")
TICKS_SLIPPED: Final = Counter("flotilla_ticks_slipped_total", "Ticks given up because the loop was too late.")
SHIPS: Final = Gauge("flotilla_ships", "Ships in the world.")
PUBLISH_SKIPPED: Final = Counter(
    "flotilla_publish_skipped_total", "Ticks not published because the last send was still in flight."
)
PUBLISH_FAILED: Final = Counter("flotilla_publish_failed_total", "Sends into the channel layer that failed.")
BATCHES_REFUSED: Final = Counter("flotilla_batches_refused_total", "Uplink batches that could not be read.", ["reason"])

CONNECTIONS: Final = Gauge("flotilla_connections", "Open game sockets of this process.")
CLOSES: Final = Counter("flotilla_closes_total", "Game sockets closed, by close code.", ["code"])
REFUSALS: Final = Counter(
    "flotilla_refusals_total", "Handshakes and messages refused, by the name of the reason.", ["reason"]
)
FRAMES_SKIPPED: Final = Counter(
    "flotilla_frames_skipped_total", "Frames not given to a socket or not used at all.", ["reason"]
)
RELAY_AGE: Final = Histogram(
    "flotilla_relay_age_seconds",
    "Time from the tick's publishing to the gateway's fan-out.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0),
)
FANOUT: Final = Histogram(
    "flotilla_fanout_seconds",
    "Time to write one frame to all sockets of an arena.",
    buckets=(0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1),
)
UPLINK_FAILED: Final = Counter("flotilla_uplink_failed_total", "Batches that the channel layer did not take.")

LAYER_ERRORS: Final = Counter("flotilla_layer_errors_total", "Failed attempts to be a member of the channel layer.")
LAYER_RENEWALS: Final = Counter("flotilla_layer_renewals_total", "Subscriptions made anew because nothing was heard.")

LEASE_HELD: Final = Gauge("flotilla_lease_held", "1 in the tick process that moves the world, else 0.")
LEASE_EPOCH: Final = Gauge("flotilla_lease_epoch", "The last epoch in which this process moved the world.")
LEASE_FAILED: Final = Counter("flotilla_lease_failed_total", "Requests about the lease that Redis did not answer.")
CHECKPOINTS_FAILED: Final = Counter("flotilla_checkpoints_failed_total", "Checkpoints that Redis did not take.")
CHECKPOINTS_REFUSED: Final = Counter(
    "flotilla_checkpoints_refused_total", "Checkpoints not read, or not kept, by the name of the reason.", ["reason"]
)

OUTAGE_ERRORS: Final = Counter(
    "flotilla_outage_errors_total",
    "Errors of libraries about a Redis out of reach, of which only the first of an outage is logged, by logger.",
    ["logger"],
)

EVENT_LOOP_LAG: Final = Histogram(
    "flotilla_event_loop_lag_seconds",
    "How late the event loop wakes what sleeps in it.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.25, 0.5, 1.0),
)
BUILD_INFO: Final = Gauge("flotilla_build_info", "1; the labels say what runs here.", ["version", "python", "role"])


def set_role(role: str) -> None:
    """Say in the build information what this process is: run, web, gateway or tick."""
    BUILD_INFO.clear()
    BUILD_INFO.labels(__version__, platform.python_version(), role).set(1)


def _begin_at_zero() -> None:
    """Make every series whose labels are known: one that begins with its first event has no rate for it."""
    for counter, values in (
        (BATCHES_REFUSED, labels.BATCH_REFUSALS),
        (CLOSES, labels.CLOSE_CODES),
        (REFUSALS, labels.REFUSALS),
        (FRAMES_SKIPPED, labels.SKIPS),
        (CHECKPOINTS_REFUSED, labels.CHECKPOINT_REFUSALS),
        (OUTAGE_ERRORS, labels.OUTAGE_LOGGERS),
    ):
        for value in values:
            counter.labels(value)


_begin_at_zero()
