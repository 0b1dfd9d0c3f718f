"""Every Prometheus metric of the product; each is changed only beside the state that it describes."""

import platform
from typing import Final

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from app import __version__
from app.observability import labels

disable_created_metrics()  # type: ignore[no-untyped-call]  # one more gauge per series, which no query uses

_TICK_BUCKETS: Final = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.035),
    0.04,  # the alert's threshold: 80 % of the budget
    0.045,
    0.05,  # the budget: the SLO's ratio is exact only if this is a boundary
    *(0.06, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0),
)

TICK_DURATION: Final = Histogram(
    "flotilla_tick_duration_seconds",
    "Time to drain the inbox, step the world and encode the snapshots of one tick.",
    buckets=_TICK_BUCKETS,
)
TICK_LATENESS: Final = Histogram(
    "flotilla_tick_lateness_seconds", "How long after its deadline a tick began.", buckets=_TICK_BUCKETS
)
TICK_OVERRUNS: Final = Counter("flotilla_tick_overruns_total", "Ticks that took longer than their 50 ms budget.")
TICKS_SLIPPED: Final = Counter("flotilla_ticks_slipped_total", "Ticks skipped because the loop was too late.")
SHIPS: Final = Gauge("flotilla_ships", "Ships in the world.")
PUBLISH_SKIPPED: Final = Counter(
    "flotilla_publish_skipped_total", "Ticks of an arena dropped unsent because the channel layer was too slow."
)
PUBLISH_FAILED: Final = Counter("flotilla_publish_failed_total", "Sends into the channel layer that failed.")
BATCHES_REFUSED: Final = Counter(
    "flotilla_batches_refused_total", "Uplink batches that could not be read, by the name of the reason.", ["reason"]
)

CONNECTIONS: Final = Gauge("flotilla_connections", "Open game sockets of this process.")
CLOSES: Final = Counter("flotilla_closes_total", "Game sockets closed, by close code.", ["code"])
REFUSALS: Final = Counter(
    "flotilla_refusals_total", "Handshakes and messages refused, by the name of the reason.", ["reason"]
)
FRAMES_SKIPPED: Final = Counter(
    "flotilla_frames_skipped_total", "Frames not written to a socket, or dropped by the gateway.", ["reason"]
)
RELAY_AGE: Final = Histogram(
    "flotilla_relay_age_seconds",
    "Time from the snapshot of the tick to the fan-out of the gateway.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0),
)
FANOUT: Final = Histogram(
    "flotilla_fanout_seconds",
    "Time to write one frame to all sockets of an arena.",
    buckets=(0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1),
)
TICKS_PER_WRITE: Final = Gauge(
    "flotilla_ticks_per_write", "Ticks between two writes to a socket: 1, or up to 4 while the gateway is overloaded."
)
JOINED_TICKS: Final = Counter(
    "flotilla_joined_ticks_total", "Ticks that sockets got together with a later one in one message."
)
KEYFRAMES: Final = Counter("flotilla_keyframes_total", "Keyframes written, by the reason.", ["reason"])
UPLINK_FAILED: Final = Counter("flotilla_uplink_failed_total", "Uplink batches that could not be sent.")

LAYER_ERRORS: Final = Counter("flotilla_layer_errors_total", "Failed attempts to receive from the channel layer.")
LAYER_FULL: Final = Counter(
    "flotilla_layer_full_total", "Messages dropped because a channel of this process had too many unread ones."
)
LAYER_RENEWALS: Final = Counter("flotilla_layer_renewals_total", "Subscriptions renewed because no message arrived.")

LEASE_HELD: Final = Gauge("flotilla_lease_held", "1 in the tick process that holds the lease, else 0.")
LEASE_EPOCH: Final = Gauge("flotilla_lease_epoch", "The last epoch in which this process moved the world.")
LEASE_FAILED: Final = Counter("flotilla_lease_failed_total", "Requests about the lease that Redis did not answer.")
CHECKPOINTS_FAILED: Final = Counter("flotilla_checkpoints_failed_total", "Checkpoints that Redis did not store.")
CHECKPOINTS_REFUSED: Final = Counter(
    "flotilla_checkpoints_refused_total",
    "Checkpoints refused at reading or at storing, by the name of the reason.",
    ["reason"],
)

OUTAGE_ERRORS: Final = Counter(
    "flotilla_outage_errors_total",
    "Errors of libraries about an unreachable Redis, by logger. Only the first one of an outage is logged.",
    ["logger"],
)

EVENT_LOOP_LAG: Final = Histogram(
    "flotilla_event_loop_lag_seconds",
    "How late the event loop wakes a sleeping task.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.25, 0.5, 1.0),
)
BUILD_INFO: Final = Gauge(
    "flotilla_build_info", "Always 1; the labels name the release and the role.", ["version", "python", "role"]
)


def set_role(role: str) -> None:
    """Set the role of this process in the build information: run, web, gateway or tick."""
    BUILD_INFO.clear()
    BUILD_INFO.labels(__version__, platform.python_version(), role).set(1)


def _begin_at_zero() -> None:
    """Create every series whose labels are known, because rate() does not count the event that creates a series."""
    for counter, values in (
        (BATCHES_REFUSED, labels.BATCH_REFUSALS),
        (CLOSES, labels.CLOSE_CODES),
        (REFUSALS, labels.REFUSALS),
        (FRAMES_SKIPPED, labels.SKIPS),
        (KEYFRAMES, labels.KEYFRAMES),
        (CHECKPOINTS_REFUSED, labels.CHECKPOINT_REFUSALS),
        (OUTAGE_ERRORS, labels.OUTAGE_LOGGERS),
    ):
        for value in values:
            counter.labels(value)


_begin_at_zero()
