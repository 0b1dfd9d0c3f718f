"""An address to listen on or to connect to: `host:port`."""

import ipaddress
import re
from typing import Final, NamedTuple

MAX_PORT: Final = 65_535  # ports are 16 bits wide

HOST: Final = re.compile(r"\.?[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)


class Address(NamedTuple):
    """`host` is a name or an IP address without brackets; `port` is 0 (any free port) to 65535."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """Parse `host:port`, with an IPv6 host in brackets. Raises ValueError."""
    host, separator, port = text.rpartition(":")
    if not (separator and port.isascii() and port.isdigit() and int(port) <= MAX_PORT):
        raise ValueError(text)
    if host.startswith("[") and host.endswith("]"):
        return Address(str(ipaddress.IPv6Address(host[1:-1])), int(port))
    if not HOST.fullmatch(host):
        raise ValueError(text)
    return Address(host, int(port))
