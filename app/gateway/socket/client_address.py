"""The address of a client: the peer's, or behind trusted proxies the one in `X-Forwarded-For`. Pure.

Each proxy appends the address of its peer to the header. So the header is read from the right, and only as far as
trusted proxies wrote it. The client may have forged everything left of that.
"""

import ipaddress
import re
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_WITH_PORT = re.compile(r"\[(?P<six>[^\[\]]+)\](?::\d+)?|(?P<four>[\d.]+):\d+")


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Return the first address that no trusted proxy has, from `peer` on and then `forwarded` from the right.

    If an item is no address, or all are proxies, the last proxy before the end counts as the client. Never raises.
    """
    client = _parsed(peer)
    if client is None:
        return peer  # a UNIX socket has no address
    if trusted and _belongs(client, trusted):
        for item in reversed(forwarded.split(",")):
            address = _parsed(item.strip())
            if address is None:
                break
            client = address
            if not _belongs(client, trusted):
                break
    return str(client)


def is_trusted(peer: str, trusted: Sequence[Network]) -> bool:
    """Return True if `peer` is a trusted proxy. Never raises."""
    address = _parsed(peer)
    return address is not None and _belongs(address, trusted)


def _parsed(text: str) -> _Address | None:
    """Return the address in `text`, which may have a port, or None. An IPv4-mapped IPv6 address becomes IPv4."""
    with_port = _WITH_PORT.fullmatch(text)
    bare = text if with_port is None else with_port["six"] or with_port["four"]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    # Without the zone: with it, one address would have many names.
    return address.ipv4_mapped or ipaddress.IPv6Address(int(address))


def _belongs(address: _Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
