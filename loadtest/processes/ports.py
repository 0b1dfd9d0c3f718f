"""Free ports for servers that restart.

They are outside the range of outgoing connections. Otherwise an outgoing connection could take the port of a server
while it restarts.
"""

import contextlib
import socket
from pathlib import Path
from random import Random
from typing import Final

HOST: Final = "127.0.0.1"
LOWEST: Final = 10_000
USUAL_RANGE: Final = 32_768  # first outgoing port of Linux, if /proc does not have it

_given: Final[set[int]] = set()


def free_port() -> int:
    """Return a port without a listener. Each call returns another one."""
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


def listens(port: int, host: str = HOST, patience_s: float = 1.0) -> bool:
    """Return True if something accepts connections at `port`."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=patience_s):
        return True
    return False
