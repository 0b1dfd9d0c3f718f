"""Close codes; their range is the reconnect rule: below 4500 reconnect (except for 1009), from 4500 on do not."""

from enum import IntEnum


class CloseCode(IntEnum):
    """Why the server closes a socket; docs/protocol.md lists the reasons."""

    NORMAL = 1000
    TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    RESTART = 1012
    RESTART_PORTABLE = 4001  # if the server only has ASGI, which cannot send 1012
    TOO_SLOW = 4002
    SESSION_EXPIRED = 4003
    NO_HELLO = 4004
    WORLD_FULL = 4005
    MALFORMED = 4500
    VERSION = 4501
    SUPERSEDED = 4504
    FLOOD = 4505
