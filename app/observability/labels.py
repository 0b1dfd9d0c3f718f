"""The label values that exist from the start, so that each series begins at 0 and its first event counts.

This room imports no other, so the names are repeated here. A test compares them with their sources.
"""

from typing import Final

CLOSE_CODES: Final = (
    *("1000", "1001", "1002", "1003", "1005", "1006", "1007", "1009", "1011", "1012"),
    *("4001", "4002", "4003", "4004", "4005", "4500", "4501", "4504", "4505"),
    "other",
)

# Reasons for handshakes, for messages of players, and for messages of a tick.
REFUSALS: Final = (
    *("path", "http", "handshake", "subprotocol", "origin", "origin_missing"),
    *("draining", "overloaded", "process_full", "accept_rate", "address_full"),
    *("world_full", "ticket", "no_hello", "flood", "too_big", "invalid_utf8", "protocol_error", "binary_on_text"),
    *("empty", "length", "unknown_type", "reserved_bits", "capabilities", "name", "version"),
    *("not_json", "shape", "facing", "not_your_ship"),
    *("answer_format", "answer_shape", "message_shape", "message_type"),
)

SKIPS: Final = ("old", "slow", "overload", "refused_format")
KEYFRAMES: Final = ("join", "epoch", "gap", "slow", "resync")
BATCH_REFUSALS: Final = ("format", "shape", "type")
CHECKPOINT_REFUSALS: Final = ("damaged", "epoch", "format", "length", "order", "range")
OUTAGE_LOGGERS: Final = ("asyncio", "channels_redis.pubsub")
