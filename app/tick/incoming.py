"""What comes from the channel layer is a batch, or is counted and dropped: a later release may say other things too."""

from typing import Any

from app.observability import metrics
from app.wire import uplink
from app.wire.channels import BATCH_TYPE
from app.wire.refusal import Refused
from app.wire.uplink import Batch


def batch_in(message: dict[str, Any]) -> Batch | None:
    """Return the batch in `message`, or None if there is none that this release can read."""
    try:
        return _read(message)
    except Refused as refused:
        metrics.BATCHES_REFUSED.labels(refused.reason).inc()
        return None


def _read(message: dict[str, Any]) -> Batch:
    if message["type"] != BATCH_TYPE:  # the layer takes no message without
        raise Refused("type")
    data = message.get("data")
    if not isinstance(data, bytes):
        raise Refused("shape")
    return uplink.decode_batch(data)
