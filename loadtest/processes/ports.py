"""Ports for servers that come and go: outside the range from which the kernel takes those of outgoing connections.

A port of that range may be somebody's outgoing one while its server restarts, and the server could not come back.
"""

import contextlib
import socket
from pathlib import Path
from random import Random
from typing import Final

HOST: Final = "127.0.0.1"
LOWEST: Final = 10_000
USUAL_RANGE: Final = 32_768  # where Linux begins to take outgoing ports, if it does not say

_given: Final[set[int]] = set()


def free_port() -> int:
    """Return a port on which nobody listens, another one at each call."""
    random = Random()  # noqa: S311  # two runs at a time should not try the same ports
    while True:
        port = random.randrange(LOWEST, _outgoing_from())
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _outgoing_from() -> int:
    with contextlib.suppress(OSError, ValueError):
        text = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii")
        return max(LOWEST + 1000, int(text.split()[0]))
    return USUAL_RANGE


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
