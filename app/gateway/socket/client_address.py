"""Whose socket it is: the address of the peer or, where that is a trusted proxy, the one for which it asks. Pure.

Each proxy appends to `X-Forwarded-For` the address that it saw, so the header is read from the right, and only as far
as proxies of ours wrote it; whatever stands left of that, anybody may have invented.
"""

import ipaddress
import re
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_WITH_PORT = re.compile(r"\[(?P<six>[^\[\]]+)\](?::\d+)?|(?P<four>[\d.]+):\d+")


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Return the rightmost address of `forwarded`, then `peer`, that no trusted proxy has; never raises.

    Where that is no address, or there is none, the last proxy before it counts as the client.
    """
    client = _parsed(peer)
    if client is None:
        return peer  # a UNIX socket, which has no address
    if is_trusted(peer, trusted):
        for item in reversed(forwarded.split(",")):
            said = _parsed(item.strip())
            if said is None:
                break
            client = said
            if not _belongs(client, trusted):
                break
    return str(client)


def is_trusted(peer: str, trusted: Sequence[Network]) -> bool:
    """Tell whether a peer is one of the proxies whose word counts; never raises."""
    address = _parsed(peer)
    return address is not None and _belongs(address, trusted)


def _parsed(text: str) -> _Address | None:
    """Return the address in `text`, which may have a port; that of IPv4 if it is one in the clothes of IPv6."""
    with_port = _WITH_PORT.fullmatch(text)
    bare = text if with_port is None else with_port["six"] or with_port["four"]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    # Without the zone, by which one address would have many names.
    return address.ipv4_mapped or ipaddress.IPv6Address(int(address))


def _belongs(address: _Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
