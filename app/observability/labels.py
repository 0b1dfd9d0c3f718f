"""The label values that are known before anything happened, so that each series begins at 0 and its first event counts.

This room imports no other, so names are repeated here; a test compares them with where they come from.
"""

from typing import Final

CLOSE_CODES: Final = (
    *("1000", "1001", "1002", "1003", "1005", "1006", "1007", "1009", "1011", "1012"),
    *("4001", "4002", "4003", "4004", "4005", "4500", "4501", "4504", "4505"),
    "other",
)

# Handshakes, then messages of players, then those of a tick.
REFUSALS: Final = (
    *("path", "http", "handshake", "subprotocol", "origin", "origin_missing"),
    *("draining", "process_full", "accept_rate", "address_full"),
    *("world_full", "ticket", "no_hello", "flood", "too_big", "invalid_utf8", "protocol_error", "binary_on_text"),
    *("empty", "length", "unknown_type", "reserved_bits", "capabilities", "name", "version"),
    *("not_json", "shape", "facing", "not_your_ship"),
    *("answer_format", "answer_shape", "message_shape", "message_type"),
)

SKIPS: Final = ("old", "slow", "superseded", "refused_format")
BATCH_REFUSALS: Final = ("format", "shape", "type")
CHECKPOINT_REFUSALS: Final = ("damaged", "epoch", "format", "length", "order", "range")
OUTAGE_LOGGERS: Final = ("asyncio", "channels_redis.pubsub")
