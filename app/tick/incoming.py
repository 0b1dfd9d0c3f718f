"""Reads messages of the channel layer: a batch is returned, anything else is counted and dropped.

A gateway of a later release may send messages that this release does not have.
"""

from typing import Any

from app.observability import metrics
from app.wire import uplink
from app.wire.channels import BATCH_TYPE
from app.wire.refusal import Refused
from app.wire.uplink import Batch


def read_batch(message: dict[str, Any]) -> Batch | None:
    """Return the batch in `message`, or None, counted, if this release cannot read it."""
    try:
        return _read(message)
    except Refused as refused:
        metrics.BATCHES_REFUSED.labels(refused.reason).inc()
        return None


def _read(message: dict[str, Any]) -> Batch:
    if message["type"] != BATCH_TYPE:  # the layer refuses messages without a type
        raise Refused("type")
    data = message.get("data")
    if not isinstance(data, bytes):
        raise Refused("shape")
    return uplink.decode_batch(data)
