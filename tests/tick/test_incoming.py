"""app/tick/incoming.py: what comes to a tick from the channel layer."""

from typing import Any

import pytest

from app.tick.incoming import read_batch
from app.wire import uplink
from app.wire.channels import BATCH_TYPE, FRAME_TYPE
from app.wire.formats import FORMAT
from app.wire.uplink import Batch
from tests.gateway.doubles import Counting

GREETING = Batch(FORMAT, "g", "reply", 0, 0, None, b"")


def test_a_batch_is_read() -> None:
    """And counted nowhere."""
    counting = Counting()
    assert read_batch({"type": BATCH_TYPE, "data": uplink.encode(GREETING)}) == GREETING
    assert {} == counting.moved()


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"type": "flotilla.news"}, "type"),
        ({"type": FRAME_TYPE, "data": uplink.encode(GREETING)}, "type"),
        ({"type": BATCH_TYPE}, "shape"),
        ({"type": BATCH_TYPE, "data": "text"}, "shape"),
        ({"type": BATCH_TYPE, "data": b"?"}, "shape"),
        ({"type": BATCH_TYPE, "data": b"\x97\x63\xa1g\xa1r\x00\x01\xc0\xc4\x00"}, "format"),
    ],
)
def test_anything_else_is_counted_and_dropped(message: dict[str, Any], reason: str) -> None:
    """An exception would end the tick's membership, and lose the batches of all gateways, each time."""
    counting = Counting()
    assert read_batch(message) is None
    assert {reason: 1} == counting.moved()
