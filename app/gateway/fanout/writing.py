"""Offers one frame to many sockets."""

from collections.abc import Iterable

from app.gateway.fanout.frame import Frame
from app.gateway.socket.sink import Sink
from app.observability import metrics


def offer_all(sinks: Iterable[Sink], shared: Frame) -> list[Sink]:
    """Offer one frame to all. Return the sinks that skipped it."""
    missed = [sink for sink in sinks if not sink.offer(shared)]
    if missed:
        metrics.FRAMES_SKIPPED.labels("slow").inc(len(missed))
    return missed
